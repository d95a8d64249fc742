"""Signs of life: tags of an open run that say where its process is and when it was last alive.

The server's status of a run stays RUNNING when its process is killed or its machine is lost. Whoever reads the server
from another machine knows by these tags whether a run is really running.
"""

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import mlflow

from fer.tracking import names
from fer.tracking.active import active_run
from fer.tracking.faults import REQUEST_ERRORS

SECONDS_BETWEEN = 30.0


@contextmanager
def beating() -> Iterator[None]:
    """Tag the open run with this host and process, and every 30 s with the time, during the block.

    A server that does not answer is asked again at the next beat.
    """
    run_id, ended = active_run().info.run_id, threading.Event()
    client = mlflow.MlflowClient()
    client.set_tag(run_id, names.HOST, f"{socket.gethostname()}, process {os.getpid()}")
    client.set_tag(run_id, names.ALIVE, str(int(time.time())))

    def beat() -> None:
        while not ended.wait(SECONDS_BETWEEN):
            with suppress(*REQUEST_ERRORS):
                client.set_tag(run_id, names.ALIVE, str(int(time.time())))

    thread = threading.Thread(target=beat, daemon=True, name="heartbeat")
    thread.start()
    try:
        yield
    finally:
        ended.set()
