"""Whose faces each detector misses: FairFace's validation faces, by race, gender, age and their products.

    python -m benchmarks.detectors_by_group [FOLDER] [--detector NAME] ... [--shrink PIXELS] [--limit N] [--to FOLDER]

The folder holds ``labels.csv`` (file, age, gender, race) and the pictures, each with one labelled face in its middle.
A face is missed if no box of at least 0.6 confidence (where it is a probability) contains the middle of the picture
and covers between 2 and 90 % of it. --shrink: also the same pictures at this width, as faces far from a camera.

miss rate: missed / faces, in percent, with Wilson's 95 % interval: every picture is one person's, and independent.
p: chi-squared test of no difference between the groups, corrected over all tests of the run (Holm). Products: the
cells of at least 30 faces; how many have a higher miss rate than all others together at a false discovery rate of 5 %
(Benjamini and Hochberg; Fisher's exact test), and the one with the highest.

--to: also write the answers (one row per face and detector, no picture) and the tables as CSV.
"""

import argparse
import os
import time
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

# One thread for every library; read when the library is loaded.
os.environ |= {"OMP_NUM_THREADS": "1", "TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"}

import cv2
import numpy as np
import pandas as pd
from scipy.stats import chi2_contingency, fisher_exact
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint
from tabulate import tabulate

from fer.detectors import Detections, open_detector

DEFAULT = Path(__file__).parents[2] / "shared" / "data" / "fairface"
ATTRIBUTES = ("race", "gender", "age")
# Two age bands that a spreadsheet took for dates.
_MANGLED = {"03-Sep": "3-9", "Oct-19": "10-19"}
_BATCH, _CONFIDENCE, _LEAST_CELL = 16, 0.6, 30


def faces_of(folder: Path, limit: int | None) -> pd.DataFrame:
    """Return one row per face: its file and groups."""
    labels = pd.read_csv(folder / "labels.csv", dtype=str)
    labels["age"] = labels["age"].replace(_MANGLED)
    return labels.iloc[:limit]


def pictures(folder: Path, files: pd.Series, width: int | None) -> Iterator[np.ndarray]:
    """Yield each picture, uint8 RGB, at this width if one is given."""
    for name in files:
        picture = cv2.cvtColor(cv2.imread(str(folder / name)), cv2.COLOR_BGR2RGB)
        yield picture if width is None else cv2.resize(picture, (width, width), interpolation=cv2.INTER_AREA)


def is_found(found: Detections, height: int, width: int) -> bool:
    """Return whether one of the boxes is the face in the middle."""
    x, y, w, h = found.boxes.T
    within = (x <= width / 2) & (width / 2 <= x + w) & (y <= height / 2) & (height / 2 <= y + h)
    share = w * h / (width * height)
    confident = np.isnan(found.confidences) | (found.confidences >= _CONFIDENCE)
    return bool((within & confident & (share > 0.02) & (share < 0.9)).any())


def search(name: str, folder: Path, faces: pd.DataFrame, width: int | None) -> tuple[np.ndarray, float]:
    """Return which faces a detector misses, and its pictures per second (reading them is not counted)."""
    detector, missed, seconds = open_detector(name), [], 0.0
    batch: list[np.ndarray] = []
    for number, picture in enumerate(pictures(folder, faces["file"], width), start=1):
        batch.append(picture)
        if len(batch) == _BATCH or number == len(faces):
            began = time.perf_counter()
            answers = detector.detect(batch)
            seconds += time.perf_counter() - began
            missed += [not is_found(found, *shown.shape[:2]) for found, shown in zip(answers, batch, strict=True)]
            batch = []
    return np.array(missed), len(faces) / seconds


def by_group(missed: np.ndarray, faces: pd.DataFrame) -> pd.DataFrame:
    """Return the miss rate of each group of each attribute, with interval, and the attribute's test."""
    rows = []
    for attribute in ATTRIBUTES:
        counts = pd.crosstab(faces[attribute], missed).reindex(columns=[False, True], fill_value=0)
        tested = bool(missed.any()) and not missed.all()
        p = chi2_contingency(counts).pvalue if tested else np.nan
        for group, (found, lost) in zip(counts.index, counts.to_numpy(), strict=True):
            rows.append((attribute, group, found + lost, *_rate(lost, found + lost), p))
    return pd.DataFrame(rows, columns=["attribute", "group", "faces", "missed", "low", "high", "p"])


def _rate(lost: int, faces: int) -> tuple[float, float, float]:
    low, high = proportion_confint(lost, faces, method="wilson")
    return 100 * lost / faces, max(0.0, 100 * low), min(100.0, 100 * high)


def by_product(missed: np.ndarray, faces: pd.DataFrame) -> pd.DataFrame:
    """Return, for each product of two or three attributes, how many cells are missed more often, and the worst one."""
    rows = []
    for names in (*combinations(ATTRIBUTES, 2), ATTRIBUTES):
        cells = pd.DataFrame({"missed": missed}).groupby([faces[name] for name in names])["missed"]
        table = cells.agg(["size", "sum"])
        table = table[table["size"] >= _LEAST_CELL]
        if table.empty:
            continue
        total, lost = len(missed), int(missed.sum())
        p = [
            fisher_exact([[here, size - here], [lost - here, total - size - lost + here]], alternative="greater").pvalue
            for size, here in table.to_numpy()
        ]
        flagged = int(multipletests(p, 0.05, method="fdr_bh")[0].sum())
        worst = (table["sum"] / table["size"]).idxmax()
        size, here = table.loc[worst]
        rows.append((" x ".join(names), len(table), flagged, ", ".join(worst), size, *_rate(here, size)))
    return pd.DataFrame(rows, columns=["product", "cells", "flagged", "worst", "faces", "missed", "low", "high"])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, default=DEFAULT)
    parser.add_argument("--detector", action="append", help="default: yunet, mtcnn, haar")
    parser.add_argument("--shrink", type=int, help="also at this width in pixels")
    parser.add_argument("--limit", type=int)
    parser.add_argument("--to", type=Path)
    given = parser.parse_args()
    cv2.setNumThreads(1)
    faces = faces_of(given.folder, given.limit)
    widths = [None, given.shrink] if given.shrink else [None]
    answers, groups, products, overall = faces.copy(), [], [], []
    for name in given.detector or ["yunet", "mtcnn", "haar"]:
        for width in widths:
            title = name if width is None else f"{name}, {width} pixels"
            missed, speed = search(name, given.folder, faces, width)
            answers[title] = missed
            overall.append((title, len(faces), *_rate(int(missed.sum()), len(faces)), speed))
            groups.append(by_group(missed, faces).assign(detector=title))
            products.append(by_product(missed, faces).assign(detector=title))
    table = pd.concat(groups)
    tests = table.drop_duplicates(["detector", "attribute"]).dropna(subset="p")
    tests = tests.assign(p_holm=multipletests(tests["p"], method="holm")[1])
    table = table.merge(tests[["detector", "attribute", "p_holm"]], how="left").drop(columns="p")
    columns = ["detector", "faces", "missed", "low", "high", "pictures/s"]
    shown = {"all": pd.DataFrame(overall, columns=columns), "groups": table, "products": pd.concat(products)}
    for name, frame in shown.items():
        first = ["detector", *(column for column in frame if column != "detector")]
        print(tabulate(frame[first], headers="keys", showindex=False, floatfmt=".2f", tablefmt="pipe"), end="\n\n")
        if given.to:
            given.to.mkdir(parents=True, exist_ok=True)
            frame[first].to_csv(given.to / f"{name}.csv", index=False)
    if given.to:
        answers.to_csv(given.to / "answers.csv", index=False)


if __name__ == "__main__":
    main()
