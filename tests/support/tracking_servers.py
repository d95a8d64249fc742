"""A real `mlflow server` process on a fresh SQLite file."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import requests


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def tracking_server(folder: Path, port: int, store: str | None = None) -> Iterator[tuple[str, int]]:
    """Give address and process group of `mlflow server`; artifacts in ``folder``, its database there or ``store``."""
    command = [
        sys.executable, "-m", "mlflow", "server", "--artifacts-destination", str(folder / "artifacts"),
        "--host", "127.0.0.1", "--port", str(port), "--workers", "1",
    ]  # fmt: skip
    # Its eight consumers of jobs, a Python process with MLflow each, would take most of the time to start.
    environment = {
        **os.environ,
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
        "MLFLOW_BACKEND_STORE_URI": store or f"sqlite:///{folder}/mlflow.db",
    }
    log = open(folder / "server.log", "w")  # noqa: SIM115 - open as long as the server writes to it
    process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True, cwd=folder, env=environment)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(480):  # On a busy machine it takes minutes.
            try:
                if requests.get(f"{address}/health", timeout=1).ok:
                    break
            except requests.RequestException:
                time.sleep(0.5)
        else:
            pytest.fail(f"the server did not start: {(folder / 'server.log').read_text()[-2000:]}")
        yield address, process.pid
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGCONT)
            os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)
        log.close()


class MortalServer:
    """A server that can be killed and restarted on the same port and database; ``held`` stops it at the end."""

    def __init__(self, folder: Path, held: ExitStack):
        self._folder, self._port, self._held = folder, free_port(), held
        self.start()

    def start(self) -> None:
        self.address, self._group = self._held.enter_context(tracking_server(self._folder, self._port))

    def kill(self) -> None:
        os.killpg(self._group, signal.SIGKILL)
