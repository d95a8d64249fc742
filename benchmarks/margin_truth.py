"""How often "no worse than" and "equal within" a margin are found where the truth is at the margin, and at equality.

    python -m benchmarks.margin_truth --to <folder> [--tables 400] [--jobs 1]

Faces, clips and groups are drawn as in `interval_truth.py`: a face is recognised where a normal variable is positive,
of which the clip accounts for 30 % of the variance. A second model sees the same faces; its components of clips and of
faces correlate with the first model's by 0.8. In most designs all groups are equally accurate in the first model, and
in the second the first group is worse by exactly the margin: "no worse" and "equal" are then both false, and may be
found in 5 % of the tables. (Of the worst group no truth is harder to tell from the null hypothesis: all groups of the
first model could be its worst.) In the others both models are equally accurate, and what is found is power.
"""

import argparse
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats
from tabulate import tabulate

from benchmarks.interval_truth import CLIP_VARIANCE, Design, table
from benchmarks.simulated_tables import simulated
from fer.fairness import group_equivalence, paired_equivalence

LEVEL = 0.05
ALIKE = 0.8


@dataclass(frozen=True)
class Margin:
    """A design of groups and clips, the second model's accuracies, and the margin."""

    design: Design
    second: tuple[float, ...]
    margin: float
    seeds: int = 1

    @property
    def described(self) -> dict[str, str | int]:
        """Describe it, in percent."""
        first, second = self.design.accuracies, Design(self.second, self.design.clips).accuracies
        return {
            "clips": self.design.name, "first": first, "second": second, "margin": round(100 * self.margin),
            "seeds": self.seeds,
        }  # fmt: skip


def _at_the_margin(clips: tuple[int, ...], accuracy: float, margin: float, seeds: int = 1) -> Margin:
    """All groups are as accurate in the first model; in the second, the first group is worse by the margin."""
    worse = (accuracy - margin, *(accuracy,) * (len(clips) - 1))
    return Margin(Design((accuracy,) * len(clips), clips), worse, margin, seeds)


DESIGNS = (
    *(
        _at_the_margin(clips, accuracy, margin)
        for clips in ((10, 10), (10, 40), (40, 40), (40, 40, 40))
        for accuracy, margin in ((0.65, 0.1), (0.95, 0.05))
    ),
    *(_at_the_margin((40, 40), accuracy, margin, 3) for accuracy, margin in ((0.65, 0.1), (0.95, 0.05))),
    *(
        Margin(Design((accuracy,) * 2, (40, 40)), (accuracy,) * 2, margin)
        for accuracy, margin in ((0.65, 0.1), (0.95, 0.05))
    ),
)


def both_models(case: Margin, stream: np.random.Generator) -> tuple[pd.DataFrame, list[np.ndarray], list[np.ndarray]]:
    """Return the faces, and which of them each model recognises, by seed."""
    faces, _, _ = table(case.design, stream)
    clips = int(faces["clip"].max()) + 1
    common = stream.normal(size=clips)[faces["clip"]], stream.normal(size=len(faces))
    models = []
    for accuracy in (case.design.accuracy, case.second):
        seeds = []
        for _ in range(case.seeds):
            own = stream.normal(size=clips)[faces["clip"]], stream.normal(size=len(faces))
            clip, face = (
                np.sqrt(ALIKE) * one + np.sqrt(1 - ALIKE) * other for one, other in zip(common, own, strict=True)
            )
            latent = stats.norm.ppf(accuracy)[faces["group"]]
            seeds.append(latent + np.sqrt(CLIP_VARIANCE) * clip + np.sqrt(1 - CLIP_VARIANCE) * face > 0)
        models.append(seeds)
    return faces, models[0], models[1]


def one_table(case: Margin, seed: int) -> dict[str, float]:
    """Return what is found on one table, in percent."""
    faces, first, second = both_models(case, np.random.default_rng(seed))
    by = {
        "sensitive_features": faces["group"].map("group {}".format).to_numpy(), "clusters": faces["clip"].to_numpy(),
        "margin": case.margin, "labels": [0, 1],
    }  # fmt: skip
    y_true = np.ones(len(faces), int)
    sides = [np.stack(models).astype(int) for models in (first, second)]
    models = paired_equivalence(y_true, *sides, **by)
    groups = group_equivalence(y_true, sides[1][0], **by).iloc[0]
    found = {}
    for name, row in (("group", models.loc["accuracy/group 0"]), ("worst", models.loc["accuracy_min"])):
        found |= {f"{name}: no worse": row["p_no_worse"] <= LEVEL, f"{name}: equal": row["p_equal"] <= LEVEL}
    found |= {"two groups: no worse": groups["p_no_worse"] <= LEVEL, "two groups: equal": groups["p_equal"] <= LEVEL}
    return {name: 100.0 * value for name, value in found.items()}


def main() -> None:
    """Print one row per design."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--to", type=Path, required=True)
    parser.add_argument("--tables", type=int, default=400)
    parser.add_argument("--jobs", type=int, default=1)
    asked = parser.parse_args()
    asked.to.mkdir(parents=True, exist_ok=True)
    rows = []
    for number, case in enumerate(DESIGNS):
        path = asked.to / f"margin-{number}-{asked.tables}.csv"
        found = simulated(partial(one_table, case), range(asked.tables), asked.jobs, path)
        rows.append({**case.described, **found.mean().round(1).to_dict()})
    print(tabulate(pd.DataFrame(rows), headers="keys", tablefmt="github", showindex=False))


if __name__ == "__main__":
    main()
