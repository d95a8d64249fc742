"""Peak memory of `preprocess` on a short and on a ten times longer video: it must not grow with the length.

Run python benchmarks/video_memory.py. Anonymous memory (RssAnon of /proc) of the program and its worker is measured
twenty times per second. The faces themselves are in memory-mapped files, whose pages the kernel reclaims when needed.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tabulate import tabulate

from fer.sources.rendered_videos import ClipOptions, render_clips

PROGRAM = """
import sys
from pathlib import Path
from fer.preprocessing.pipeline import Recipe, preprocess
if __name__ == "__main__":
    recipe = Recipe("eila_videos", Path(sys.argv[1]), detector="haar", size=224, channels=3)
    made = preprocess(recipe, Path(sys.argv[2]))
    print(len(made.dataset))
"""


def anonymous_memory(process: int) -> float:
    """Return a process's anonymous memory in MB; 0 if it has ended."""
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(float(line.split()[1]) / 1024 for line in lines if line.startswith("RssAnon"))


def children(process: int) -> list[int]:
    """Return the processes that a process started."""
    try:
        return [int(child) for child in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    except OSError:
        return []


def watched(command: list[str], environment: dict[str, str]) -> tuple[str, float, float]:
    """Run a command; return what it printed and the peaks of it and of its largest child."""
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        own = largest = 0.0
        while process.poll() is None:
            own = max(own, anonymous_memory(process.pid))
            largest = max([largest, *map(anonymous_memory, children(process.pid))])
            time.sleep(0.05)
        return process.stdout.read().strip(), own, largest


def main() -> None:
    """Measure and print."""
    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        (root / "program.py").write_text(PROGRAM)
        environment = {**os.environ, "FER_CACHE": str(root / "cache"), "PYTHONPATH": str(Path(__file__).parents[1])}
        for shots in (6, 60):
            raw = root / f"videos_{shots}"
            render_clips(raw, ClipOptions(videos=1, shots=shots, annotated=10, width=1280, height=720, face=200))
            command = [sys.executable, str(root / "program.py"), str(raw), str(root / f"out_{shots}")]
            faces, own, largest = watched(command, environment)
            rows.append((shots * 60, faces, f"{own:.0f}", f"{largest:.0f}"))
    print(tabulate(rows, headers=["frames", "faces (224x224x3)", "peak of the program, MB", "peak of its worker, MB"]))


if __name__ == "__main__":
    main()
