"""The two words that options, parameters and study files use where no value is given.

They are words because MLflow takes an empty default for a missing parameter.
"""

AUTO = "auto"
"""The value is left to what decides it otherwise: the backbone, the protocol, the source, the data."""

NONE = "none"
"""There is no such thing: no addition, no weights, no balancing, no detector."""
