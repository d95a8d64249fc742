"""A real tracking server over HTTP, and a small drawn dataset on it."""

import os
import signal
import socket
import subprocess
import sys
import time

import mlflow
import pytest
import requests


@pytest.fixture(scope="session")
def server(tmp_path_factory) -> str:
    """Address of `mlflow server` on a fresh SQLite file, artifacts through it."""
    folder = tmp_path_factory.mktemp("server")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        sys.executable, "-m", "mlflow", "server", "--backend-store-uri", f"sqlite:///{folder}/mlflow.db",
        "--artifacts-destination", str(folder / "artifacts"), "--host", "127.0.0.1", "--port", str(port),
        "--workers", "1",
    ]  # fmt: skip
    log = open(folder / "server.log", "w")  # noqa: SIM115 - open as long as the server writes to it
    process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True, cwd=folder)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(120):
            try:
                if requests.get(f"{address}/health", timeout=1).ok:
                    break
            except requests.RequestException:
                time.sleep(0.5)
        else:
            pytest.fail(f"the server did not start: {(folder / 'server.log').read_text()[-2000:]}")
        yield address
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)
        log.close()


@pytest.fixture
def tracking(server, monkeypatch, tmp_path) -> str:
    """The server as this process's tracking server, with a cache and a working folder of the test's own."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", server)
    monkeypatch.setenv("FER_CACHE", str(tmp_path / "cache"))
    for left_over in ("MLFLOW_RUN_ID", "MLFLOW_EXPERIMENT_ID"):
        monkeypatch.delenv(left_over, raising=False)
    mlflow.set_tracking_uri(server)
    yield server
    while mlflow.active_run() is not None:
        mlflow.end_run("FAILED")
