"""Bytes, seconds and money of a study of many faces or many runs, from measured rates: the tables of docs/scale.md.

    python -m benchmarks.scale [--core-hour 0.05] [--gigabyte-month 0.02] [--cores 2] [--epochs 30] [--months 12]

The prices are yours to give; those by default are examples. The rates were measured on a virtual machine of two cores
by the benchmarks that are named beside each; seconds are divided by the cores that you have, up to where one part no
longer scales (docs/scale.md says which).
"""

import argparse
from dataclasses import dataclass

from tabulate import tabulate

FACES = (10**4, 10**6, 10**8)
MEASURED_CORES = 2


@dataclass(frozen=True)
class Rates:
    """What one face or one run takes.

    Attributes:
        pixels: bytes of a face, 48x48 gray (fer/data/dataset.py).
        row: bytes of its row in samples.parquet (million_faces.py).
        trained: faces per second and epoch, `cnn_large` at 48x48 in bfloat16 (docs/cnn.md).
        tested: training faces per second, evaluate on 50,000 test faces, most of whose work is on those of the training
            (million_faces.py).
        mixed: faces per second of the mixture, integrate (million_faces.py).
        run: bytes of a run in PostgreSQL: 60 metrics, 20 parameters, 8 tags, with their indices (load_runs.py).
        point: bytes of a further point of a metric in PostgreSQL.
        points: points that a server takes per second (team_server.py).

    """

    pixels: float = 2304
    row: float = 24
    trained: float = 537
    tested: float = 1190
    mixed: float = 6160
    run: float = 48_500
    point: float = 403
    points: float = 2500


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--core-hour", type=float, default=0.05, help="Price of a core for an hour.")
    parser.add_argument("--gigabyte-month", type=float, default=0.02, help="Price of a gigabyte kept for a month.")
    parser.add_argument("--cores", type=int, default=MEASURED_CORES)
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--months", type=float, default=12)
    parser.add_argument("--runs", type=int, default=10**5)
    given = parser.parse_args()
    rates, share = Rates(), MEASURED_CORES / given.cores

    def money(core_seconds: float, size: float) -> float:
        return core_seconds / 3600 * given.core_hour + size / 1e9 * given.gigabyte_month * given.months

    rows = []
    for faces in FACES:
        size = faces * (rates.pixels + rates.row)
        work = {
            "integrate": faces / rates.mixed,
            "train": faces * given.epochs / rates.trained,
            "evaluate": faces / rates.tested,
        }
        total = sum(work.values()) * MEASURED_CORES
        rows.append(
            (f"{faces:,}", amount(size), *(span(seconds * share) for seconds in work.values()), money(total, size))
        )
    headers = ["faces", "on disk", "integrate", f"train, {given.epochs} epochs", "evaluate", "price"]
    print(tabulate(rows, headers=headers, floatfmt=",.2f", tablefmt="github"))
    points = given.runs * given.epochs * 10
    size = given.runs * rates.run + points * rates.point
    print(f"\n{given.runs:,} runs of {given.epochs} epochs, 10 metrics each: {amount(size)} of database, "
          f"{span(points / rates.points)} of writing at {rates.points:,.0f} points per second, "
          f"{money(points / rates.points * MEASURED_CORES, size):,.2f} to keep.")  # fmt: skip


def amount(size: float) -> str:
    """Return bytes in words."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.3g} {unit}"
        size /= 1000
    return f"{size:,.3g} TB"


def span(seconds: float) -> str:
    """Return seconds in words."""
    for unit, length in (("days", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:,.3g} {unit}"
    return f"{seconds:.3g} s"


if __name__ == "__main__":
    main()
