"""Training: protocols as data, batches from memory-mapped faces, fit. Importing this does not load Keras."""

from fer.training.protocols import PROTOCOLS, Phase, Protocol, adjusted, protocol_named

__all__ = ["PROTOCOLS", "Phase", "Protocol", "adjusted", "protocol_named"]
