"""A real tracking server in a process of its own, which can be killed and started again."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import requests


class Server:
    """``mlflow server`` on a port of its own, with its database and artifacts in ``folder``."""

    def __init__(self, folder: Path):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        self._folder = folder
        self._process: subprocess.Popen | None = None
        self.address = f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Start, or start again on the same database, and wait until it answers."""
        command = [
            sys.executable, "-m", "mlflow", "server", "--backend-store-uri", f"sqlite:///{self._folder}/mlflow.db",
            "--artifacts-destination", str(self._folder / "artifacts"), "--host", "127.0.0.1",
            "--port", str(self._port), "--workers", "1",
        ]  # fmt: skip
        with open(self._folder / "server.log", "a") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True, cwd=self._folder)
        deadline = time.monotonic() + 240
        while time.monotonic() < deadline:
            try:
                if requests.get(f"{self.address}/health", timeout=1).ok:
                    return
            except requests.RequestException:
                time.sleep(0.5)
        raise TimeoutError(f"the server did not start: {(self._folder / 'server.log').read_text()[-2000:]}")

    def end(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End the server and its workers."""
        os.killpg(self._process.pid, how)
        self._process.wait(120)
