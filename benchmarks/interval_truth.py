"""Coverage of intervals and false findings on tables of a probit model with random effects; no training.

    python -m benchmarks.interval_truth --to <folder> [--tables 1000] [--replicates 199] [--jobs 2]

The second data-generating process beside that of `statistics_truth.py`. A face is recognised where a normal variable
is positive: the group's threshold (so that the group's accuracy is as stated), plus a component of the clip with 30 %
of the variance, plus, where persons are crossed with clips, one of the person with 20 %. Where several models, trained
with as many seeds, predict the same faces, 30 % of the variance is a model's own, and each model has another threshold
for each group. Each row of the printed tables is one design; see `DESIGNS`. Shares are in percent of tables in which
the figure could be estimated. Each design's outcomes are a file of the folder; existing ones are not computed again.
What is called is what the public functions call; that these return it, the tests show. Their tables alone would take
three times as long.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats
from tabulate import tabulate

from benchmarks.simulated_tables import simulated
from fer.fairness import noise_corrected_disparity
from fer.fairness.cluster_errors import kept, metric_errors, t_quantile
from fer.fairness.cluster_sums import sum_groups
from fer.fairness.disparity_bounds import disparity_bounds, pairwise_p
from fer.fairness.group_permutation_test import group_permutation_test
from fer.fairness.metric_arrays import metric_names, metrics_of
from fer.fairness.score_intervals import Shares

LEVEL = 0.05
CLIP_VARIANCE, PERSON_VARIANCE, MODEL_VARIANCE = 0.3, 0.2, 0.3
# Standard deviation of a group's threshold over models: 3.7 points of accuracy at 65 %, 1.0 at 95 %.
SPREAD = 0.1
ACCURACIES = (0.3, 0.65, 0.9, 0.95, 0.98)
SQUARED_POINTS = 100.0**2


@dataclass(frozen=True)
class Design:
    """Groups with an accuracy each, and their clips.

    ``kind``: "own clips", a number of clips for each group; "shared clips", the groups are in the same clips;
    "crossed", persons, alternating between the groups, are in several clips of ``together`` persons each. ``seeds``:
    number of models whose accuracies vary around the stated ones; 0: one model of just these accuracies.
    """

    accuracy: tuple[float, ...]
    clips: tuple[int, ...]
    unequal: bool = False
    kind: str = "own clips"
    persons: int = 0
    together: int = 0
    seeds: int = 0

    @property
    def name(self) -> str:
        """Describe the design without its accuracies."""
        clips = ", ".join(map(str, self.clips))
        how = {"own clips": "", "shared clips": " shared", "crossed": f" x {self.persons} persons"}[self.kind]
        seeds = f", {self.seeds} seed{'s' if self.seeds > 1 else ''}" if self.seeds else ""
        return f"{clips}{how}{', unequal' if self.unequal else ''}{seeds}"

    @property
    def accuracies(self) -> str:
        """Return the accuracies in percent; one number if they are equal."""
        return ", ".join(f"{100 * value:.0f}" for value in dict.fromkeys(self.accuracy))


DESIGNS = (
    *(
        Design((accuracy, accuracy), clips, unequal)
        for clips in ((5, 5), (5, 40), (10, 10), (40, 40))
        for unequal in (False, True)
        for accuracy in ACCURACIES
    ),
    *(
        Design(accuracy, clips)
        for accuracy in ((0.9, 0.6), (0.97, 0.8))
        for clips in ((5, 40), (10, 10), (40, 5), (40, 40))
    ),
    *(Design((accuracy,) * 3, (30, 12, 6)) for accuracy in (0.65, 0.95)),
    *(Design((accuracy,) * 4, (40, 20, 8, 5)) for accuracy in (0.3, 0.65, 0.95, 0.98)),
    *(Design((accuracy,) * 5, (8,) * 5) for accuracy in (0.65, 0.95)),
    *(Design((accuracy,) * 6, (10,) * 6) for accuracy in (0.3, 0.65, 0.95, 0.98)),
    *(
        Design(accuracy, clips)
        for accuracy, clips in (
            ((0.98, 0.65, 0.3), (30, 12, 6)),
            ((0.98, 0.9, 0.65, 0.3), (40, 20, 8, 5)),
            ((0.3, 0.65, 0.9, 0.98), (40, 20, 8, 5)),
            ((0.98, 0.95, 0.9, 0.8, 0.65, 0.3), (10,) * 6),
        )
    ),
    *(Design((accuracy,) * 2, (clips,), kind="shared clips") for clips in (8, 20) for accuracy in (0.65, 0.95)),
    *(
        Design((accuracy,) * 2, (clips,), kind="crossed", persons=persons, together=together)
        for persons, clips, together in ((20, 20, 3), (40, 40, 3), (80, 15, 8), (16, 8, 6))
        for accuracy in (0.65, 0.95)
    ),
    *(
        Design((accuracy,) * len(clips), clips, seeds=seeds)
        for clips in ((10, 10), (5, 40), (20, 12, 8))
        for accuracy in (0.65, 0.95)
        for seeds in (1, 2, 5)
    ),
)


def table(design: Design, stream: np.random.Generator) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """Return faces, whether each model is right, bool (models, n), and each model's true accuracies (models, groups).

    The faces' columns: ``group``, ``clip``, ``person``.
    """
    faces = faces_of(design, stream)
    group, threshold = faces["group"].to_numpy(), stats.norm.ppf(design.accuracy)
    if not design.seeds:
        latent = threshold[group] + difficulty(design, faces, stream)
        return faces, latent[None] > 0, np.array([design.accuracy])
    same = difficulty(design, faces, stream, left_out=MODEL_VARIANCE)
    # Wider, so that the mean accuracy over models is the stated one.
    thresholds = stream.normal(np.sqrt(1 + SPREAD**2) * threshold, SPREAD, (design.seeds, len(design.accuracy)))
    latent = thresholds[:, group] + same + np.sqrt(MODEL_VARIANCE) * stream.normal(size=(design.seeds, len(faces)))
    return faces, latent > 0, stats.norm.cdf(thresholds)


def faces_of(design: Design, stream: np.random.Generator) -> pd.DataFrame:
    """Return one row per face: ``group``, ``clip`` and ``person``."""
    groups = len(design.accuracy)
    if design.kind == "crossed":
        person = np.concatenate(
            [stream.choice(design.persons, design.together, replace=False) for _ in range(design.clips[0])]
        )
        clip = np.repeat(np.arange(design.clips[0]), design.together)
        group = person % groups
    elif design.kind == "shared clips":
        clip = np.repeat(np.arange(design.clips[0]), groups)
        group = np.tile(np.arange(groups), design.clips[0])
        person = np.arange(len(clip))
    else:
        group = np.repeat(np.arange(groups), design.clips)
        clip = person = np.arange(len(group))
    frames = 10 if design.kind == "own clips" else 5
    size = np.full(len(clip), frames)
    if design.unequal:
        size = np.clip(np.round(np.exp(stream.normal(1.8, 1.0, len(clip)))), 1, 60).astype(int)
    faces = pd.DataFrame({"group": group, "clip": clip, "person": person})
    return faces.loc[np.repeat(np.arange(len(clip)), size)].reset_index(drop=True)


def difficulty(design: Design, faces: pd.DataFrame, stream: np.random.Generator, left_out: float = 0.0) -> np.ndarray:
    """Return what a model sees in each face, normal (n,): components of clip, person and face.

    Their variances add up to 1, less what is ``left_out`` of the face's.
    """
    own = PERSON_VARIANCE if design.kind == "crossed" else 0.0
    latent = np.sqrt(CLIP_VARIANCE) * stream.normal(size=faces["clip"].max() + 1)[faces["clip"]]
    latent += np.sqrt(own) * stream.normal(size=faces["person"].max() + 1)[faces["person"]]
    return latent + np.sqrt(1 - CLIP_VARIANCE - own - left_out) * stream.normal(size=len(faces))


def one_table(design: Design, seed: int, replicates: int) -> dict[str, float]:
    """Return the outcomes on one table: 0 or 1, NaN where nothing can be estimated."""
    faces, right, accuracies = table(design, np.random.default_rng(seed))
    models = len(right)
    clusters = faces[["clip", "person"]].to_numpy() if design.kind == "crossed" else faces["clip"].to_numpy()
    names = np.array([f"group {at}" for at in range(len(design.accuracy))])
    sums = sum_groups(
        np.zeros(right.size, int), 1 - right.ravel().astype(int), repeats=models, groups=list(names), labels=[0, 1],
        sensitive_features=np.tile(names[faces["group"]], models), clusters=np.concatenate([clusters] * models),
    )  # fmt: skip
    true, stated, last = accuracies.mean(axis=0), np.array(design.accuracy), len(names) - 1
    number, members = [metric_names(sums.layout).index("accuracy")], range(1, len(names) + 1)
    estimate = metrics_of(sums.observed())[1:, number].T
    errors = kept(metric_errors(sums), number, members)
    shares = Shares.of(estimate, errors)
    low, high = (ends[0] for ends in shares.limits(t_quantile(1 - LEVEL, shares.degrees)))
    known = ~np.isnan(low)
    covered, of_any = (((low <= of) & (of <= high))[known] for of in (true, stated))
    ends = shares.pair_limits(t_quantile(1 - LEVEL, shares.pair_degrees()))
    least, most = (end[0, 0, last] for end in ends)
    apart, stated_apart = true[0] - true[-1], stated[0] - stated[-1]
    p, estimated = shares.pair_p()[0, 0, last], not np.isnan(least)
    bounds = disparity_bounds(sums, 1 - LEVEL)
    test = pairwise_p(sums) if sums.crossed else group_permutation_test(sums, replicates, seed).p["accuracy_gap"]
    found = {
        "group": covered.mean() if len(covered) else np.nan,
        "difference": least <= apart <= most,
        "first too good": least > apart,
        "first too bad": most < apart,
        "found": p <= LEVEL,
        "gap found": test <= LEVEL,
        "gap bound": bounds["accuracy_gap"] >= np.ptp(true),
        "std bound": bounds["accuracy_std"] >= true.std(ddof=1),
    }
    if design.seeds:
        found["difference, any model"] = least <= stated_apart <= most
        found["group, any model"] = of_any.mean() if len(of_any) else np.nan
    if not estimated:
        found |= dict.fromkeys(list(found)[1:], np.nan)
    elif (p < LEVEL) != (least > 0 or most < 0):
        raise AssertionError(f"the p-value {p} and the interval {least} to {most} contradict each other.")
    shares_found = {name: 100.0 * value for name, value in found.items()} | {"no estimate": 100.0 * (not estimated)}
    corrected = noise_corrected_disparity(estimate[0], np.sqrt(errors.variance[0]), covariance=errors.covariance[0])
    return shares_found | {"corrected variance": SQUARED_POINTS * corrected["variance"]}


def computed(design: Design, count: int, replicates: int, jobs: int, folder: Path) -> pd.DataFrame:
    """Return one row per table; those of an earlier run are read from ``folder``."""
    path = folder / f"{design.name}-{design.accuracies}-{replicates}-{count}.csv".replace(", ", "-").replace(" ", "-")
    return simulated(lambda seed: one_table(design, seed, replicates), range(count), jobs, path)


def main() -> None:
    """Print one row per design."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--to", type=Path, required=True)
    parser.add_argument("--tables", type=int, default=1000)
    parser.add_argument("--replicates", type=int, default=199)
    parser.add_argument("--jobs", type=int, default=2)
    asked = parser.parse_args()
    asked.to.mkdir(parents=True, exist_ok=True)
    rows = []
    for design in DESIGNS:
        found = computed(design, asked.tables, asked.replicates, asked.jobs, asked.to)
        known = {"clips": design.name, "accuracy": design.accuracies, "tables": len(found)}
        true = {} if design.seeds else {"true variance": SQUARED_POINTS * np.var(design.accuracy, ddof=1)}
        rows.append(known | found.mean().to_dict() | true)
    by_seeds = [bool(design.seeds) for design in DESIGNS]
    for kind in (False, True):
        shown = pd.DataFrame([row for row, seeds in zip(rows, by_seeds, strict=True) if seeds == kind])
        print(tabulate(shown.round(1), headers="keys", tablefmt="github", showindex=False), end="\n\n")


if __name__ == "__main__":
    main()
