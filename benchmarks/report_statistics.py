"""Time of all statistics of a report: eleven experiments on a test set of the size of EiLA's; no training.

    python -m benchmarks.report_statistics [--replicates 10000] [--faces 400] [--seeds 1] [--crossed] [--profile]

A base alone and ten mixtures of it (four shares added, three swapped, three of the base's own), each tested on the same
faces of three groups. Random predictions: the time does not depend on what they say. Each row of the printed table is
what one part of the report takes, with the given number of replicates; nothing is cached between parts but predictions.
With --crossed, persons are in several clips of several persons, as in EiLA; else each clip has two persons of its own.
"""

import argparse
import cProfile
import pstats
import time

import numpy as np
import pandas as pd
from tabulate import tabulate

from analysis.experiments.evidence import Evidence
from analysis.report.context import ReportContext
from fer.fairness.bootstrap import REPLICATES
from fer.sentinels import NONE
from fer.synthetic import draw_predictions
from fer.tracking import names

MIXTURES = (
    ("base only", "0", "add"),
    *((f"base + {share}% other", str(share / 100), "add") for share in (10, 25, 50, 100)),
    *((f"base ~ {share}% other", str(share / 100), "swap") for share in (25, 50, 100)),
    *((f"base + own faces, as many as {share}%", str(share / 100), "same") for share in (25, 50, 100)),
)
SHARES = {"black": 0.2, "mixed": 0.3, "white": 0.5}
PARTS = ("intervals", "differences", "disparities", "compared", "doses", "front", "contrasts")
FACES_PER_CLIP = 8


def evidence_of(faces: int, seeds: int, crossed: bool) -> Evidence:
    """Return runs and predictions of all experiments."""
    samples = {group: int(share * faces) for group, share in SHARES.items()}
    clips = {group: max(count // FACES_PER_CLIP, 2) for group, count in samples.items()}
    rows, predictions = [], {}
    for at, (experiment, fraction, arm) in enumerate(MIXTURES):
        accuracy = {"black": 0.4 + 0.03 * at, "mixed": 0.5 + 0.02 * at, "white": 0.6 + 0.01 * at}
        for seed in range(seeds):
            run = f"{at * seeds + seed:032x}"
            drawn = draw_predictions(accuracy, samples, clips, persons_per_clip=2, seed=at * seeds + seed)
            if not predictions:
                first = drawn
                if crossed:
                    persons = np.random.default_rng(0).integers(0, faces // 10, faces)
                    first = first.assign(person=[f"person {number}" for number in persons[: len(first)]])
            other = first["label"].map({"happy": "sad"}).fillna("happy")
            right = drawn["label"] == drawn["predicted"]
            predictions[run] = first.assign(predicted=first["label"].where(right, other))
            parameters = {
                "base": "base", "addition": NONE if fraction == "0" else "other", "fraction": fraction, "arm": arm,
                "seed": str(seed), "test": "faces",
            }  # fmt: skip
            tags = {names.EXPERIMENT: experiment, names.ORIGIN: names.MEASURED, names.POSITION: str(at)}
            rows.append(
                {
                    "run_id": run, "run_name": f"{experiment}, seed {seed}", "experiment_name": "benchmark",
                    "status": "FINISHED", "start_time": pd.Timestamp("2026-01-01", tz="UTC"),
                    **{names.param(name): value for name, value in parameters.items()},
                    **{names.tag(name): value for name, value in tags.items()},
                }
            )  # fmt: skip
    from analysis.fetch.evidence import with_attribute
    from fer.data.attributes import RACE

    runs = with_attribute(pd.DataFrame(rows), predictions, RACE)
    return Evidence(runs, predictions, pd.DataFrame(columns=["run_id"]))


def main() -> None:
    """Print the time of each part, and of all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--replicates", type=int, default=REPLICATES)
    parser.add_argument("--faces", type=int, default=400)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--crossed", action="store_true")
    parser.add_argument("--profile", action="store_true")
    asked = parser.parse_args()
    context = ReportContext(evidence_of(asked.faces, asked.seeds, asked.crossed), replicates=asked.replicates)
    print(f"{len(context.experiments)} experiments of {asked.seeds} seeds; clusters: {context.unit_names}\n")
    times, profile = {}, cProfile.Profile()
    if asked.profile:
        profile.enable()
    for part in PARTS:
        started, used = time.perf_counter(), time.process_time()
        getattr(context, part)
        times[part] = {"seconds": time.perf_counter() - started, "CPU seconds": time.process_time() - used}
    profile.disable()
    table = pd.DataFrame.from_dict(times, orient="index")
    table.loc["all"] = table.sum()
    print(tabulate(table.round(2), headers="keys", tablefmt="github"))
    if asked.profile:
        pstats.Stats(profile).sort_stats("tottime").print_stats(25)


if __name__ == "__main__":
    main()
