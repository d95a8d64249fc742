"""How the app was started; the pages, which Streamlit runs in the same process, read it here."""

from dataclasses import dataclass
from pathlib import Path

from fer.app.access import Gate
from fer.sentinels import AUTO


@dataclass(frozen=True)
class AppOptions:
    """Options of the app.

    Attributes:
        model: address of the model that is opened first; ``auto``: the registered champion, else the shipped one.
        detector: see :func:`fer.live.open_live`.
        faces: a FaceDataset to practise on; None: drawn faces.
        gate: asks for the shared secret; None: everyone who reaches the app may use it.
        shared: whether other machines reach the app: then nothing of its users is kept on this one.

    """

    model: str = AUTO
    detector: str = "yunet"
    faces: Path | None = None
    gate: Gate | None = None
    shared: bool = False


_started = AppOptions()


def start_with(options: AppOptions) -> None:
    """Set the options, once, before the server starts."""
    global _started
    _started = options


def started_with() -> AppOptions:
    """Return the options that the app was started with."""
    return _started
