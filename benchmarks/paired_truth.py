"""Coverage and false findings of paired comparisons, slopes and front probabilities, with a known truth; no training.

    python -m benchmarks.paired_truth --to <folder> [--tables 1000] [--replicates 400] [--jobs 1] [--only pair]

Test sets are those of `interval_truth.py`: faces with a component of the clip and, where persons are crossed with
clips, of the person. Several models see the same faces. What a model sees has three parts in each component: half of
its variance is common to all models, a fifth to all seeds of one side (or dose), the rest is the run's own. With a seed
deviation of 5 points, each run's accuracy in each group deviates from its side's by that much, half of the variance in
all groups alike.

Three tables are printed: paired comparisons, dose slopes, and the front. Shares are in percent of the tables in which
the figure could be estimated. Each design's outcomes are a file of the folder; existing ones are not computed again.
"""

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats
from tabulate import tabulate

from analysis.tables.dose import responses_by_metric
from benchmarks.interval_truth import LEVEL, Design, difficulty, faces_of
from benchmarks.simulated_tables import simulated
from fer.fairness import front_probability, joint_bootstrap, new_test_set_draws, paired_comparison
from fer.fairness.cluster_sums import sum_groups

COMMON, OF_SIDE = 0.5, 0.2
SHOWN = {"accuracy": "accuracy", "accuracy/a": "group", "accuracy_min": "worst", "accuracy_std": "std"}
DIRECTIONS = ("up", "down")
PART = 200
_EDGES = (0.0, 0.05, 0.2, 0.4, 0.6, 0.8, 0.95, 1.0)


@dataclass(frozen=True)
class Compared:
    """Sides (or doses) on one test set: the accuracies of each side in each group, in percent; seeds per side."""

    test: Design
    sides: tuple[tuple[float, ...], ...]
    seeds: int = 1
    deviation: float = 0.0
    doses: tuple[float, ...] = (0.0, 1.0)

    @property
    def name(self) -> str:
        """Describe the design."""
        ways = [self.sides[0]] if len(set(self.sides)) == 1 else [self.sides[0], self.sides[-1]]
        accuracies = " then ".join("/".join(f"{value:g}" for value in dict.fromkeys(side)) for side in ways)
        return f"{self.test.name}; {accuracies}"

    def runs(self, stream: np.random.Generator) -> np.ndarray:
        """Return the accuracies of each run in each group, float (sides * seeds, groups)."""
        sides = np.repeat(np.array(self.sides) / 100, self.seeds, axis=0)
        spread = self.deviation / 100 / np.sqrt(2)
        both = stream.normal(size=(len(sides), 1)) + stream.normal(size=sides.shape)
        return np.clip(sides + spread * both, 0.01, 0.995)

    def right(self, faces: pd.DataFrame, accuracy: np.ndarray, stream: np.random.Generator) -> np.ndarray:
        """Return which faces each run gets right, bool (sides, seeds, n)."""
        common = difficulty(self.test, faces, stream)
        found = []
        for at in range(len(self.sides)):
            of_side = difficulty(self.test, faces, stream)
            for seed in range(self.seeds):
                own = np.sqrt(1 - COMMON - OF_SIDE) * difficulty(self.test, faces, stream)
                seen = np.sqrt(COMMON) * common + np.sqrt(OF_SIDE) * of_side + own
                threshold = stats.norm.ppf(accuracy[at * self.seeds + seed])[faces["group"]]
                found.append(threshold + seen > 0)
        return np.reshape(found, (len(self.sides), self.seeds, len(faces)))


def own(clips: tuple[int, ...], unequal: bool = False) -> Design:
    """Return a test set of groups with their own clips."""
    return Design((0.5,) * len(clips), clips, unequal)


def crossed(persons: int, clips: int, together: int) -> Design:
    """Return a test set of two groups whose persons are crossed with clips."""
    return Design((0.5, 0.5), (clips,), kind="crossed", persons=persons, together=together)


PAIRS = (
    *(
        Compared(own(clips, unequal), ((accuracy,) * len(clips),) * 2)
        for clips in ((5, 5), (10, 10, 10), (40, 40))
        for unequal in (False, True)
        for accuracy in (30, 65, 90, 98)
    ),
    *(Compared(own((40, 10, 5)), ((accuracy,) * 3,) * 2) for accuracy in (65, 95)),
    *(
        Compared(own(clips), sides)
        for clips in ((10, 10, 10), (40, 10, 5))
        for sides in (
            ((50, 50, 50), (90, 90, 90)), ((90, 90, 90), (98, 98, 98)), ((90, 70, 50), (90, 85, 80)),
            ((90, 70, 50), (90, 70, 50)),
        )
    ),
    Compared(own((20, 20)), ((90, 60), (60, 90))),
    *(Compared(Design((0.5, 0.5), (20,), kind="shared clips"), ((accuracy,) * 2,) * 2) for accuracy in (65, 95)),
    *(
        Compared(crossed(*sizes), ((accuracy,) * 2,) * 2)
        for sizes in ((20, 20, 3), (80, 15, 8))
        for accuracy in (65, 95)
    ),
    *(
        Compared(own((10, 10, 10)), ((65, 65, 65),) * 2, seeds, deviation)
        for seeds in (1, 2, 3, 5)
        for deviation in (0, 5)
        if seeds > 1 or deviation
    ),
    Compared(own((10, 10, 10)), ((90, 70, 50), (90, 85, 80)), 3, 5),
)  # fmt: skip

_FLAT, _RISING = ((65.0,) * 3,) * 4, tuple((70.0 + 5 * at, 60.0 + 8 * at, 50.0 + 11 * at) for at in range(4))
DOSES = tuple(
    Compared(test, sides, seeds, deviation, (0.0, 0.25, 0.5, 1.0))
    for test, sides, seeds, deviation in (
        (own((5, 5, 5)), _FLAT, 1, 0), (own((10, 10, 10)), _FLAT, 1, 0), (own((40, 40, 40)), _FLAT, 1, 0),
        (own((10, 10, 10), True), _FLAT, 1, 0), (own((40, 10, 5), True), _FLAT, 1, 0),
        (own((40, 40, 40), True), _FLAT, 1, 0), (own((10, 10, 10)), ((95.0,) * 3,) * 4, 1, 0),
        (own((10, 10, 10)), _RISING, 1, 0), (own((40, 10, 5)), _RISING, 1, 0),
        (own((10, 10, 10)), _FLAT, 1, 5), (own((10, 10, 10)), _FLAT, 2, 5), (own((10, 10, 10)), _FLAT, 3, 5),
        (own((10, 10, 10)), _FLAT, 5, 5), (own((10, 10, 10), True), _RISING, 3, 5),
    )
)  # fmt: skip

_FRONT_TESTS = (own((10, 10, 10)), own((40, 10, 5)), own((20,) * 4, True), own((40, 40, 40)), crossed(40, 40, 3))


def truth(design: Compared, figure: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """Return the expectation over seeds of a figure over groups, float (sides,)."""
    if not design.deviation:
        return figure(design.runs(np.random.default_rng(0)))[:: design.seeds]
    stream = np.random.default_rng(0)
    return np.mean([figure(design.runs(stream))[:: design.seeds] for _ in range(4000)], axis=0)


def truths(design: Compared) -> dict[str, np.ndarray]:
    """Return the expected values of each shown metric but accuracy, which depends on the faces, float (sides,)."""
    figures = {
        "accuracy/a": lambda runs: runs[:, 0], "accuracy_min": lambda runs: runs.min(axis=1),
        "accuracy_std": lambda runs: runs.std(axis=1, ddof=1),
    }  # fmt: skip
    groups = range(len(design.sides[0]))
    by_group = np.stack([truth(design, lambda runs, at=at: runs[:, at]) for at in groups], axis=1)
    return {"groups": by_group} | {name: truth(design, figure) for name, figure in figures.items()}


def drawn(design: Compared, stream: np.random.Generator) -> tuple[pd.DataFrame, np.ndarray, dict]:
    """Return faces, which of them each run gets right, and the arguments of all functions."""
    faces = faces_of(design.test, stream)
    right = design.right(faces, design.runs(stream), stream)
    names = np.array([chr(ord("a") + at) for at in range(len(design.sides[0]))])
    clusters = faces[["clip", "person"]].to_numpy() if design.test.kind == "crossed" else faces["clip"].to_numpy()
    by = {"sensitive_features": names[faces["group"]], "clusters": clusters, "groups": list(names), "labels": [0, 1]}
    return faces, right, by


def outcome(name: str, low: float, high: float, p: float, true: float) -> dict[str, float]:
    """Return whether the interval covers the truth and the test finds a difference; NaN without an estimate."""
    if np.isnan(low):
        # Where the sides agree on every face, nothing is found, and there is no interval.
        return {f"{name} covered": np.nan, f"{name} found": 0.0 if p == 1 else np.nan}
    if (p < LEVEL) != (low > 0 or high < 0):
        raise AssertionError(f"p = {p} of {name} and the interval {low} to {high} contradict each other.")
    return {f"{name} covered": 100.0 * (low <= true <= high), f"{name} found": 100.0 * (p < LEVEL)}


def one_pair(design: Compared, expected: dict[str, np.ndarray], seed: int, replicates: int) -> dict[str, float]:
    """Return the outcomes of a paired comparison."""
    faces, right, by = drawn(design, np.random.default_rng(seed))
    share = np.bincount(faces["group"]) / len(faces)
    by_metric = expected | {"accuracy": expected["groups"] @ share}
    sides = [1 - side.astype(int) for side in right]
    table = paired_comparison(np.zeros(len(faces), int), *sides, **by, n_resamples=replicates, random_state=seed)
    found = {}
    for metric, name in SHOWN.items():
        row, true = table.loc[metric], by_metric[metric]
        found |= outcome(name, row["low"], row["high"], row["p"], true[1] - true[0])
    return found


def one_dose(design: Compared, expected: dict[str, np.ndarray], seed: int, replicates: int) -> dict[str, float]:
    """Return the outcomes of the slopes over doses."""
    faces, right, by = drawn(design, np.random.default_rng(seed))
    share = np.bincount(faces["group"]) / len(faces)
    by_metric = expected | {"accuracy": expected["groups"] @ share}
    y_true = np.zeros(len(faces), int)
    sums = [sum_groups(y_true, 1 - run.astype(int), **by) for side in right for run in side]
    runs = [(dose, seed) for dose in design.doses for seed in range(design.seeds)]
    responses = responses_by_metric(pd.DataFrame(runs, columns=["dose", "seed"]), sums, replicates)
    found = {}
    for metric, name in SHOWN.items():
        slope = 100 * np.polyfit(design.doses, by_metric[metric], 1)[0]
        found |= outcome(name, responses[metric].low, responses[metric].high, responses[metric].p, slope)
    return found


def one_front(seed: int, replicates: int) -> list[dict[str, float]]:
    """Return for each of five models the predicted probability of the front, and whether it is on a new test set's."""
    stream = np.random.default_rng(seed)
    test = _FRONT_TESTS[seed % len(_FRONT_TESTS)]
    groups = len(test.accuracy)
    apart = stream.choice([0, 5, 10, 20]) * np.linspace(-1, 1, groups)
    middle = stream.uniform(40, 90) + stream.normal(0, 4, (5, 1))
    sides = np.clip(middle + apart + stream.normal(0, 3, (5, groups)), 5, 99)
    design = Compared(test, tuple(map(tuple, sides)))
    (faces, right, by), (again, other, _) = drawn(design, stream), drawn(design, stream)
    arguments = np.zeros(len(faces), int), [1 - side[0].astype(int) for side in right]
    ways = {"new test set": new_test_set_draws, "bootstrap": joint_bootstrap}
    said = {
        name: front_probability(draws(*arguments, **by, n_resamples=replicates), directions=DIRECTIONS)
        for name, draws in ways.items()
    }
    on_groups = np.stack([other[:, 0][:, again["group"] == at].mean(axis=1) for at in range(groups)], axis=1)
    values = np.stack([other[:, 0].mean(axis=1), on_groups.std(axis=1, ddof=1)], axis=1)
    on_front = front_probability(values[:, None], directions=DIRECTIONS)
    return [{name: shares[at] for name, shares in said.items()} | {"on front": on_front[at]} for at in range(5)]


def computed(name: str, one: Callable[[int], dict | list], asked: argparse.Namespace) -> pd.DataFrame:
    """Return one row per table (or per model); parts of an earlier run are read from their files."""
    parts = []
    for start in range(0, asked.tables, PART):
        seeds = range(start, min(start + PART, asked.tables))
        path = asked.to / f"{name}-{asked.replicates}-{seeds.start}-{seeds.stop}.csv"
        parts.append(simulated(one, seeds, asked.jobs, path))
    return pd.concat(parts, ignore_index=True)


def rows_of(designs: tuple[Compared, ...], kind: str, asked: argparse.Namespace) -> pd.DataFrame:
    """Return one row per design, in percent."""
    one = {"pair": one_pair, "dose": one_dose}[kind]
    rows = []
    for design in designs:
        expected = truths(design)
        name = f"{kind}-{design.name}-{design.seeds}-{design.deviation}".replace("/", "_")
        found = computed(
            name.replace(", ", "-").replace("; ", "-").replace(" ", "-"),
            lambda seed, design=design, expected=expected: one(design, expected, seed, asked.replicates),
            asked,
        )
        known = {
            "clips; accuracy": design.name,
            "seeds": design.seeds,
            "deviation": design.deviation,
            "tables": len(found),
        }
        unknown = 100 * found["std covered"].isna().mean()
        rows.append({**known, **found.mean().round(1).to_dict(), "no estimate": round(unknown, 1)})
    return pd.DataFrame(rows)


def calibration(asked: argparse.Namespace) -> pd.DataFrame:
    """Return how often models are on the front of a new test set, by what was predicted, in percent."""
    found = computed("front", lambda seed: one_front(seed, asked.replicates), asked)
    parts = []
    for way in ("new test set", "bootstrap"):
        known = found.dropna(subset=way)
        bins = pd.cut(known[way], _EDGES, include_lowest=True)
        part = known.groupby(bins, observed=False).agg(
            models=(way, "size"), said=(way, "mean"), found=("on front", "mean")
        )
        parts.append((100 * part).assign(models=part["models"]).round(1).add_prefix(f"{way}: "))
    percent = [f"{100 * low:.0f} to {100 * high:.0f}" for low, high in pairwise(_EDGES)]
    return pd.concat(parts, axis=1).assign(predicted=percent).set_index("predicted").reset_index()


def main() -> None:
    """Print the three tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--to", type=Path, required=True)
    parser.add_argument("--tables", type=int, default=1000)
    parser.add_argument("--replicates", type=int, default=400)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--only", choices=["pair", "dose", "front"], help="one of the three tables")
    asked = parser.parse_args()
    asked.to.mkdir(parents=True, exist_ok=True)
    tables = {
        "pair": lambda: rows_of(PAIRS, "pair", asked),
        "dose": lambda: rows_of(DOSES, "dose", asked),
        "front": lambda: calibration(asked),
    }
    for name, shown in tables.items():
        if asked.only in (None, name):
            print(tabulate(shown(), headers="keys", tablefmt="github", showindex=False), end="\n\n")


if __name__ == "__main__":
    main()
