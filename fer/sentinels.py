"""The two words that stand for "no value" in options, parameters and study files.

They are words because MLflow treats an empty default as a missing parameter.
"""

AUTO = "auto"
"""The value is chosen automatically: by the backbone, the protocol, the source or the data."""

NONE = "none"
"""There is no such thing: no addition, no weights, no balancing, no detector."""
