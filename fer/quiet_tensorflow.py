"""Import Keras and TensorFlow without the messages that TensorFlow's native code prints at every start.

Not part of ``fer.models``, which imports all of Keras: a detector that uses TensorFlow only needs the quiet start.
"""

import logging
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

_LOG = logging.getLogger(__name__)


def load_keras() -> None:
    """Import Keras and its backend; messages of native code go to this module's debug log.

    TensorFlow 2.21 prints six lines about oneDNN and missing GPUs before its log level applies, whatever
    TF_CPP_MIN_LOG_LEVEL is. If the import fails they are printed, as they may explain the failure.
    """
    if "keras" not in sys.modules:
        with native_stderr_held():
            import keras  # noqa: F401


@contextmanager
def native_stderr_held() -> Iterator[None]:
    """Redirect what native code prints to this module's debug log; print it if the block fails."""
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
