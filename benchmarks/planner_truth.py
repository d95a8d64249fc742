"""Power at the sizes that the planner names, on tables of a probit model with random effects; no training.

    python -m benchmarks.planner_truth --to <folder> [--tables 1000] [--jobs 2]

Each row of the printed tables is one request: the planner names a number of clips, that many are drawn, and the tests
of the report are made. The faces are those of `interval_truth.py`: a face is recognised where a normal variable is
positive, of which clips (and persons) account for a share; of several models on the same faces, each has a share of its
own, and each training one threshold. "Correlation" is of this variable; the planner is told that of the answers, as an
earlier run at the same mean accuracy would show it. Each request's outcomes are a file of the folder; existing ones are
not computed again.
"""

import argparse
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats
from tabulate import tabulate

from benchmarks.simulated_tables import simulated
from fer.fairness import difference_intervals, group_equivalence, holm, paired_comparison, paired_equivalence
from fer.fairness.group_design import Correlations, GroupDesign, pair_correlation
from fer.fairness.planned_power import GroupTest
from fer.fairness.study_size import Change, required_clips, required_clips_for_change
from fer.fairness.variance_components import CLIP, PERSON, PERSON_IN_CLIP, variance_components

LEVEL, POWER = 0.05, 0.8
PILOT = 40_000


@dataclass(frozen=True)
class Groups:
    """A request for a difference between two groups, or with a margin for showing that there is none.

    ``other``: clips that the second group has already. ``more``: further groups of the mean accuracy. ``better``: 0 or
    1, which of the two is. ``together``: the groups are in the same clips.
    """

    accuracy: float
    difference: float
    clip: float
    person: float = 0.0
    frames: int = 10
    persons_per_clip: int = 1
    clips_per_person: int = 1
    other: int = 0
    more: int = 0
    family: int = 1
    margin: float | None = None
    better: int = 0
    power: float = POWER
    together: bool = False

    @property
    def name(self) -> str:
        """Describe the request in words."""
        what = (
            f"{100 * self.difference:.0f} points" if self.margin is None else f"margin {100 * self.margin:.0f} points"
        )
        who = f"{2 + self.more} groups"
        if self.other:
            who += f", one of {self.other} clips{', the better' if self.better else ''}"
        if self.together:
            who += ", persons crossed with shared clips" if self.persons_per_clip > 1 else " in the same clips"
        elif self.clips_per_person > 1:
            who += f", {self.clips_per_person} clips per person"
        how = "" if self.frames == 10 else f", {self.frames} frame{'s' if self.frames > 1 else ''} per clip"
        asked = "" if self.power == POWER else f", power {100 * self.power:.0f}"
        return f"{what}, {who}{how}{asked}"

    @property
    def correlation(self) -> str:
        """Return the correlation of the normal variable, of persons and of clips."""
        return f"{self.person:g} + {self.clip:g}" if self.person else f"{self.clip:g}"

    @property
    def shared(self) -> float:
        """Return to what extent groups are in the same clips."""
        return float(self.together)

    def clips(self) -> tuple[int, int]:
        """Return the clips of both groups that the planner names."""
        kinds = [pair_correlation(value, self.accuracy) for value in (self.person, self.clip, self.person + self.clip)]
        correlations = Correlations(kinds[0], kinds[1], max(kinds[2] - kinds[0] - kinds[1], 0.0))
        shape = GroupDesign(1, self.frames, self.persons_per_clip, self.clips_per_person)
        designs = (shape, shape.of(max(self.other, 1)))
        true = self.accuracy + self.difference / 2, self.accuracy - self.difference / 2
        needed = required_clips(
            true,
            designs[::-1] if self.better else designs,
            correlations,
            shared_clips=self.shared,
            test=GroupTest(LEVEL, self.family, self.margin),
            power=self.power,
        )
        return int(needed), int(max(needed, self.other))

    def found(self, clips: tuple[int, int], seed: int) -> bool:
        """Draw one table, and return whether the difference is found (or is shown to be below the margin)."""
        stream = np.random.default_rng(seed)
        counts = [*clips, *[clips[0]] * self.more]
        true = np.array([self.accuracy] * len(counts))
        true[:2] += (np.array([0.5, -0.5]) if not self.better else np.array([-0.5, 0.5])) * self.difference
        shown, group, clip, person = 0, [], [], []
        for at, count in enumerate(counts):
            start = 0 if self.together else shown
            own = np.repeat(start + np.arange(count), self.persons_per_clip)
            people = np.repeat(np.arange(-(-len(own) // self.clips_per_person)), self.clips_per_person)[: len(own)]
            if self.together:
                people = stream.permutation(people)
            group.append(np.full(len(own), at))
            clip.append(own)
            person.append(people + 100_000 * at)
            shown += count
        group, clip, person = (np.repeat(np.concatenate(part), self.frames) for part in (group, clip, person))
        latent = stats.norm.ppf(true)[group] + np.sqrt(self.clip) * stream.normal(size=shown)[clip]
        people = np.unique(person, return_inverse=True)[1]
        latent += np.sqrt(self.person) * stream.normal(size=people.max() + 1)[people]
        right = latent + np.sqrt(1 - self.clip - self.person) * stream.normal(size=len(group)) > 0
        crossed = self.together and self.clips_per_person > 1
        by = {
            "y_true": np.zeros(len(right), int),
            "y_pred": 1 - right.astype(int),
            "sensitive_features": group.astype(str).astype(object),
            "clusters": np.stack([clip, person], axis=1) if crossed else person if self.person else clip,
            "labels": [0, 1],
        }
        if self.margin is not None:
            return bool(group_equivalence(**by, margin=self.margin)["p_no_worse"].iloc[0] * self.family <= LEVEL)
        table = difference_intervals(**by)
        first = table.iloc[0]
        # Of more groups the pairs are the family, as in the report.
        p = holm(table["p"]).iloc[0] if self.more else first["p"] * self.family
        return bool(p <= LEVEL and (first["estimate"] > 0) != bool(self.better))


@dataclass(frozen=True)
class Paired:
    """A request for a change of accuracy between two ways of training on the same faces.

    ``own``: the share of the variable that each training has of its own, of single faces; ``way``: that of the
    way of training. ``deviation``: of a training's threshold.
    """

    accuracy: float
    difference: float
    clip: float
    seeds: int = 1
    deviation: float = 0.0
    own: float = 0.15
    way: float = 0.15
    family: int = 1
    margin: float | None = None

    @property
    def name(self) -> str:
        """Describe the request in words."""
        seeds = "1 seed" if self.seeds == 1 else f"{self.seeds} seeds of deviation {self.deviation:g}"
        what = f"change of {100 * self.difference:.0f}" if self.margin is None else f"margin of {100 * self.margin:.0f}"
        return f"{what} points on the same faces, {seeds}"

    @property
    def correlation(self) -> str:
        """Return the correlation of the normal variable."""
        return f"{self.clip:g}"

    def right(self, clips: int, stream: np.random.Generator, seeds: int) -> np.ndarray:
        """Return whether each training of both sides is right, bool (sides, seeds, clips x 10)."""
        faces = clips * 10
        same = np.sqrt(self.clip) * np.repeat(stream.normal(size=clips), 10)
        same += np.sqrt(1 - self.clip - self.way - self.own) * stream.normal(size=faces)
        true = np.array([-0.5, 0.5]) * self.difference + self.accuracy
        # A way of training differs from the other in clips and in faces.
        side = np.sqrt(self.way * self.clip) * np.repeat(stream.normal(size=(2, clips)), 10, axis=1)
        side += np.sqrt(self.way * (1 - self.clip)) * stream.normal(size=(2, faces))
        threshold = stats.norm.ppf(true)[:, None] * np.sqrt(1 + self.deviation**2)
        threshold = threshold + self.deviation * stream.normal(size=(2, seeds))
        own = np.sqrt(self.own) * stream.normal(size=(2, seeds, faces))
        return threshold[:, :, None] + same + side[:, None] + own > 0

    def clips(self) -> tuple[int, int]:
        """Return the clips that the planner names, knowing what a large earlier study would show."""
        stream = np.random.default_rng(1)
        # Trainings of equal accuracy: the deviation is told apart from what single answers vary by.
        right = replace(self, deviation=0.0).right(PILOT, stream, 2).astype(float)
        changes = [right[1, 0] - right[0, 0], right[0, 1] - right[0, 0]]
        clips = np.repeat(np.arange(PILOT), 10)
        found = [
            variance_components(apart, sensitive_features=["all"] * len(apart), clips=clips)["correlation"]
            for apart in changes
        ]
        deviation = 0.0
        if self.deviation:
            one = self.accuracy + self.difference / 2
            shifted = stats.norm.cdf(
                stats.norm.ppf(one) + self.deviation / np.sqrt(1 + self.deviation**2) * np.array([-1, 1])
            )
            deviation = float(np.ptp(shifted) / 2)
        correlations, within = (
            Correlations(*(each[name] for name in (PERSON, CLIP, PERSON_IN_CLIP))) for each in found
        )
        apart, between = (float((change != 0).mean()) for change in changes)
        answers = Correlations(clip=pair_correlation(self.clip * (1 + self.way), self.accuracy))
        assumed = Change(apart, self.seeds, deviation, between, within, self.accuracy, answers)
        needed = required_clips_for_change(
            self.difference,
            GroupDesign(1, 10),
            correlations,
            assumed,
            power=POWER,
            test=GroupTest(LEVEL, self.family, self.margin),
        )
        return int(needed), int(needed)

    def found(self, clips: tuple[int, int], seed: int) -> bool:
        """Draw one table, and return whether the change is found."""
        faces = clips[0] * 10
        sides = 1 - self.right(clips[0], np.random.default_rng(seed), self.seeds).astype(int)
        by = {
            "sensitive_features": ["all faces"] * faces,
            "clusters": np.repeat(np.arange(clips[0]), 10),
            "labels": [0, 1],
        }
        if self.margin is not None:
            row = paired_equivalence(np.zeros(faces, int), *sides, **by, margin=self.margin).loc["accuracy"]
            return bool(row["p_no_worse"] * self.family <= LEVEL)
        row = paired_comparison(np.zeros(faces, int), *sides, **by, n_resamples=2).loc["accuracy"]
        return bool(row["p"] * self.family <= LEVEL and row["difference"] > 0)


REQUESTS: tuple[Groups | Paired, ...] = (
    Groups(0.5, 0.2, 0.1),
    Groups(0.5, 0.2, 0.5),
    Groups(0.5, 0.3, 0.3, family=16),
    Groups(0.7, 0.2, 0.3),
    Groups(0.7, 0.2, 0.3, frames=1),
    Groups(0.7, 0.2, 0.3, power=0.9),
    Groups(0.7, 0.2, 0.3, other=60),
    Groups(0.7, 0.2, 0.3, other=60, better=1),
    Groups(0.8, 0.3, 0.3, other=60, family=16),
    Groups(0.7, 0.25, 0.3, more=1, family=3),
    Groups(0.7, 0.25, 0.3, more=2, family=6),
    Groups(0.9, 0.15, 0.1),
    Groups(0.9, 0.15, 0.5),
    Groups(0.9, 0.15, 0.3, other=60, family=16),
    Groups(0.95, 0.08, 0.1),
    Groups(0.95, 0.08, 0.3),
    Groups(0.95, 0.08, 0.3, family=16),
    Groups(0.95, 0.08, 0.1, other=60),
    Groups(0.95, 0.08, 0.1, other=60, better=1),
    Groups(0.7, 0.2, 0.1, person=0.2, clips_per_person=4),
    Groups(0.7, 0.15, 0.3, together=True),
    Groups(0.9, 0.1, 0.3, together=True, family=16),
    Groups(0.7, 0.2, 0.3, person=0.2, frames=5, persons_per_clip=2, clips_per_person=3, together=True),
    Groups(0.9, 0.1, 0.3, person=0.2, frames=5, persons_per_clip=2, clips_per_person=2, together=True),
    Groups(0.7, 0.0, 0.3, margin=0.1),
    Groups(0.95, 0.0, 0.3, margin=0.05),
    Groups(0.9, 0.0, 0.3, other=300, margin=0.08),
    Paired(0.5, 0.1, 0.3),
    Paired(0.7, 0.2, 0.3),
    Paired(0.9, 0.05, 0.3),
    Paired(0.7, 0.1, 0.1, family=16),
    Paired(0.7, 0.1, 0.3, seeds=3),
    Paired(0.7, 0.1, 0.3, seeds=3, deviation=0.05),
    Paired(0.7, 0.1, 0.3, seeds=5, deviation=0.1),
    Paired(0.8, 0.0, 0.3, margin=0.05),
    Paired(0.8, 0.0, 0.3, seeds=3, deviation=0.05, margin=0.1),
)


def computed(request: Groups | Paired, clips: tuple[int, int], count: int, jobs: int, folder: Path) -> pd.Series:
    """Return whether the difference was found, bool (tables,); those of an earlier run are read from ``folder``."""
    path = folder / f"{abs(hash_of(request)):x}-{clips[0]}-{clips[1]}-{count}.csv"
    return simulated(lambda seed: {"found": request.found(clips, seed)}, range(count), jobs, path)["found"]


def hash_of(request: Groups | Paired) -> int:
    """Return a number that is the same for the same request in every process."""
    import zlib

    return zlib.crc32(repr(request).encode())


def main() -> None:
    """Print one row per request."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--to", type=Path, required=True)
    parser.add_argument("--tables", type=int, default=1000)
    parser.add_argument("--jobs", type=int, default=2)
    asked = parser.parse_args()
    asked.to.mkdir(parents=True, exist_ok=True)
    rows = []
    for request in REQUESTS:
        clips = request.clips()
        found = computed(request, clips, asked.tables, asked.jobs, asked.to)
        named = f"{clips[0]}" if clips[0] == clips[1] else f"{clips[0]}, {clips[1]}"
        power = found.mean()
        rows.append(
            {
                "request": request.name,
                "accuracy": f"{100 * request.accuracy:.0f}",
                "correlation": request.correlation,
                "family": request.family,
                "clips named": named,
                "power": round(100 * float(power), 1),
                "standard error": round(100 * float(np.sqrt(power * (1 - power) / len(found))), 1),
            }
        )
        print(rows[-1], file=sys.stderr, flush=True)
    print(tabulate(pd.DataFrame(rows), headers="keys", tablefmt="github", showindex=False))


if __name__ == "__main__":
    main()
