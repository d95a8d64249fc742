"""Training: protocols as data, batches from memory-mapped faces, fitting. Importing this does not load Keras."""

from fer.training.protocol_table import PROTOCOLS, protocol_named
from fer.training.protocols import Phase, Protocol, adjusted

__all__ = ["PROTOCOLS", "Phase", "Protocol", "adjusted", "protocol_named"]
