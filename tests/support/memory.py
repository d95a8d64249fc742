"""Memory that tests have taken and no longer need goes back to the system."""

import ctypes
import gc
import sys

_TRIM = getattr(ctypes.CDLL(None), "malloc_trim", None)  # Of glibc alone.


def give_back() -> None:
    """Forget Keras' graphs, collect garbage, and hand free memory to the system."""
    if "keras" in sys.modules:
        sys.modules["keras"].utils.clear_session()
    gc.collect()
    if _TRIM is not None:
        _TRIM(0)
