"""Read FER2013's CSV of 35,887 rows, made from its image folders: time, peak memory, and whether the faces are equal.

    python benchmarks/fer2013_csv.py <folder with train/ and test/>

The CSV is read in a separate process, so that its peak memory is only that of reading and packing the CSV.
"""

import argparse
import csv
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from tabulate import tabulate

from fer.data.dataset import load_dataset
from fer.preprocessing.pipeline import Recipe, preprocess
from fer.sources.fer2013 import CODES

PROGRAM = """
import resource, sys, time
from pathlib import Path
from fer.preprocessing.pipeline import Recipe, preprocess
from fer.sources import SOURCES, parse_options
if __name__ == "__main__":
    start = time.perf_counter()
    SOURCES["fer2013"].read(Path(sys.argv[1]), parse_options("fer2013", {}))
    read = time.perf_counter()
    preprocess(Recipe("fer2013", Path(sys.argv[1])), Path(sys.argv[2]))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(read - start, time.perf_counter() - read, peak)
"""
USAGES = ("Training", "PublicTest", "PrivateTest")


def write_csv(path: Path, folders: Path) -> None:
    """Write Kaggle's table from the image folders, in the order in which the folders are listed."""
    dataset = load_dataset(folders)
    with open(path, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["emotion", "pixels", "Usage"])
        for (label, usage), face in zip(
            dataset.samples[["label", "usage"]].to_numpy(), dataset.faces()[..., 0], strict=True
        ):
            writer.writerow([CODES.index(label), " ".join(map(str, face.ravel())), usage])


def main() -> None:
    """Measure, compare and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("raw", type=Path)
    raw = parser.parse_args().raw
    with tempfile.TemporaryDirectory() as scratch:
        os.environ["FER_CACHE"] = f"{scratch}/cache"
        root = Path(scratch)
        folders = preprocess(Recipe("fer2013", raw), root / "folders").dataset
        write_csv(root / "fer2013.csv", root / "folders")
        size = (root / "fer2013.csv").stat().st_size / 1e6
        (root / "program.py").write_text(PROGRAM)
        command = [sys.executable, str(root / "program.py"), str(root / "fer2013.csv"), str(root / "table")]
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
        answer = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
        read, whole, peak = map(float, answer.split())
        table = load_dataset(root / "table")
        columns = ["label", "split", "usage"]
        same_rows = (table.samples[columns].to_numpy() == folders.samples[columns].to_numpy()).all()
        same_faces = np.array_equal(table.faces(), folders.faces())
    rows = [("rows", len(table)), ("MB of CSV", f"{size:.0f}"), ("listed in, s", f"{read:.1f}")]
    rows += [("listed, packed, digested, opened in, s", f"{whole:.1f}"), ("peak memory, MB", f"{peak:.0f}")]
    rows += [("labels, splits, usage as the folders'", str(same_rows)), ("faces as the folders'", str(same_faces))]
    print(tabulate(rows))


if __name__ == "__main__":
    main()
