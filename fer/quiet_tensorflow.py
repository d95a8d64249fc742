"""Load Keras and TensorFlow without the notes that TensorFlow's native code writes at every start.

Outside of ``fer.models``, which loads Keras whole: a detector that needs TensorFlow wants the quiet start alone.
"""

import logging
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

_LOG = logging.getLogger(__name__)


def load_keras() -> None:
    """Import Keras and its backend; what native code says meanwhile goes to this module's debug log.

    TensorFlow 2.21 writes six lines about oneDNN and missing GPUs before its log level applies, whatever
    TF_CPP_MIN_LOG_LEVEL says. If the import fails, they are shown: they may say why.
    """
    if "keras" not in sys.modules:
        with native_stderr_held():
            import keras  # noqa: F401


@contextmanager
def native_stderr_held() -> Iterator[None]:
    """Keep back what native code writes to the terminal, for this module's debug log; show it if the block fails."""
    sys.stderr.flush()
    terminal = os.dup(2)
    with tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), 2)
        try:
            yield
        except BaseException:
            os.dup2(terminal, 2)
            held.seek(0)
            os.write(2, held.read())
            raise
        finally:
            os.dup2(terminal, 2)
            os.close(terminal)
        held.seek(0)
        _LOG.debug(held.read().decode(errors="replace"))
