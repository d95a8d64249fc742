"""How long a request to the tracking server is repeated, and the line that says so."""

import logging
import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tqdm import tqdm

# A request is repeated after 0, 4, 8, 16 and 32 seconds: for a minute, where MLflow's own 7 take four minutes.
_RETRIES = 5
_VARIABLE = "MLFLOW_HTTP_REQUEST_MAX_RETRIES"
_SECONDS_OF_SILENCE = 60.0


class _Announcing(logging.Filter):
    """Says once a minute that requests are repeated, and keeps urllib3's own lines, one for each, to itself."""

    def __init__(self) -> None:
        super().__init__()
        self._own = threading.local()
        self._said = -_SECONDS_OF_SILENCE

    def filter(self, record: logging.LogRecord) -> bool:
        if not str(record.msg).startswith("Retry"):
            return record.levelno >= logging.WARNING
        now, before = time.monotonic(), getattr(self._own, "at", -_SECONDS_OF_SILENCE)
        self._own.at = now
        # The first is repeated at once: a server may just have closed a connection that was kept open.
        if now - before < _SECONDS_OF_SILENCE and now - self._said > _SECONDS_OF_SILENCE:
            self._said = now
            tqdm.write(
                "warning: the tracking server does not answer a request; it is repeated for about a minute.",
                file=sys.stderr,
            )
        return False


def announce_retries() -> None:
    """Repeat requests for about a minute, unless the user has set how often, and say so when it begins."""
    os.environ.setdefault(_VARIABLE, str(_RETRIES))
    log = logging.getLogger("urllib3.connectionpool")
    if not any(isinstance(one, _Announcing) for one in log.filters):
        log.addFilter(_Announcing())
        log.setLevel(logging.DEBUG)  # Of a server that answers with an error, urllib3 says so at this level only.


@contextmanager
def retries(most: int) -> Iterator[None]:
    """Repeat the requests of the block at most so often."""
    before = os.environ.get(_VARIABLE)
    os.environ[_VARIABLE] = str(most)
    try:
        yield
    finally:
        del os.environ[_VARIABLE]
        if before is not None:
            os.environ[_VARIABLE] = before
