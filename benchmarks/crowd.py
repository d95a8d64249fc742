"""A picture with many faces through ``predict`` and through the service: seconds and peak memory, which are bounded.

    python -m benchmarks.crowd --faces FOLDER --to FOLDER --model FILE [--service FOLDER]

``--faces``: pictures with one face each, of which crowds are composed in ``--to``. ``--model``: an exported ONNX or
LiteRT file. ``--service``: a model as ``mlflow models serve`` takes it, whose server is started and asked the same.

faces: pasted; found: in the answer, at most 200. seconds: of ``predict`` the whole command, of the service one request
after a first; CPU s: those of all threads, which a busy machine changes least. MB: resident memory, of ``predict`` its
peak, of the service the peak of all its processes.
"""

import argparse
import base64
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from threading import Event, Thread

import psutil
from tabulate import tabulate

from benchmarks.composed_pictures import Layout, compose

ROOT = Path(__file__).parents[1]
# One face, a full bus, a lecture hall, and more than are classified; cells of 96 pixels, as YuNet sees them of 64.
CROWDS = {
    "1 face": (Layout(1, 1, 600, 600), (1440, 960)),
    "50 faces": (Layout(10, 5, 130, 140), (1440, 960)),
    "200 faces": (Layout(20, 10, 88, 96), (1920, 960)),
    "450 faces": (Layout(30, 15, 60, 64), (1920, 960)),
}
# So that faces of 60 pixels are found; what bounds the answer is tried, not the detector.
_OPTIONS = "{longest_side: 1600}"
_PATIENCE = 120.0


class Watch:
    """The peak of the resident memory of a process and all that it starts, in MB, sampled 50 times per second."""

    def __init__(self, process: int) -> None:
        self._process, self._over, self.peak = psutil.Process(process), Event(), 0.0
        self._thread = Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._over.wait(0.02):
            total = 0.0
            try:
                for one in (self._process, *self._process.children(recursive=True)):
                    total += one.memory_info().rss / 1e6
            except psutil.Error:  # It has ended in between.
                continue
            self.peak = max(self.peak, total)

    def end(self) -> float:
        """Stop watching; return the peak."""
        self._over.set()
        self._thread.join()
        return self.peak


def predicted(picture: Path, model: str) -> tuple[int, float, float, float]:
    """Return the faces found, seconds, CPU seconds and peak MB of the command ``predict`` on a picture."""
    command = [sys.executable, "-m", "entrypoints.predict", str(picture), "--model", model, "--format", "jsonl"]
    began, before = time.perf_counter(), os.times()
    with subprocess.Popen(
        [*command, "--detector-options", _OPTIONS], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        watch = Watch(process.pid)
        answer, _ = process.communicate()
        took = time.perf_counter() - began
    if process.returncode:
        raise SystemExit(f"predict failed on {picture}.")
    after = os.times()
    busy = after.children_user + after.children_system - before.children_user - before.children_system
    return len(answer.splitlines()), took, busy, watch.end()


class Server:
    """``mlflow models serve`` of a model, on a free port, until it is closed."""

    def __init__(self, model: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self._address = f"http://127.0.0.1:{port}"
        command = ["mlflow", "models", "serve", "-m", str(model), "--env-manager", "local", "--port", str(port)]
        environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
        environment |= {"PYTHONPATH": str(ROOT), "MLFLOW_MODELS_WORKERS": "1"}
        self._process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
        until = time.monotonic() + _PATIENCE
        while time.monotonic() < until:
            try:
                urllib.request.urlopen(f"{self._address}/ping", timeout=5).close()
                return
            except OSError:
                time.sleep(0.2)
        self.close()
        raise SystemExit(f"{model} was not served within {_PATIENCE:.0f} s.")

    def ask(self, picture: Path) -> tuple[int, float, float, float]:
        """Return the faces found, seconds, CPU seconds and peak MB of one request."""
        content = base64.b64encode(picture.read_bytes()).decode()
        body = json.dumps({"dataframe_records": [{"picture": content}]}).encode()
        request = urllib.request.Request(
            f"{self._address}/invocations", body, {"Content-Type": "application/json"}, method="POST"
        )
        watch, began, before = Watch(self._process.pid), time.perf_counter(), self._busy()
        with urllib.request.urlopen(request, timeout=_PATIENCE) as answer:
            [row] = json.load(answer)["predictions"]
        return len(row["faces"]), time.perf_counter() - began, self._busy() - before, watch.end()

    def _busy(self) -> float:
        """Return the CPU seconds of all its processes."""
        root = psutil.Process(self._process.pid)
        times = [one.cpu_times() for one in (root, *root.children(recursive=True))]
        return sum(one.user + one.system for one in times)

    def close(self) -> None:
        """End the server and its workers."""
        os.killpg(self._process.pid, signal.SIGTERM)
        self._process.wait()


def main() -> None:
    """Compose, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--faces", type=Path, required=True)
    parser.add_argument("--to", type=Path, required=True)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--service", type=Path)
    given = parser.parse_args()
    crowds = {}
    for title, (layout, size) in CROWDS.items():
        folder = given.to.absolute() / title.replace(" ", "_")
        [crowds[title]] = compose(given.faces.absolute(), folder, 1, [layout], size)
    rows = [(title, "predict", *predicted(path, str(given.model.absolute()))) for title, path in crowds.items()]
    if given.service is not None:
        server = Server(given.service.absolute())
        try:
            server.ask(crowds["1 face"])
            rows += [(title, "service", *server.ask(path)) for title, path in crowds.items()]
        finally:
            server.close()
    print(tabulate(rows, headers=["picture", "by", "found", "seconds", "CPU s", "MB"], floatfmt=".1f", tablefmt="pipe"))
    print(f"\nload {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
