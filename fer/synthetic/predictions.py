"""Simulate a table of predictions with known accuracy and clustering, without faces or a model.

Correctness is beta-binomial: in group g with accuracy A, each clip draws its own accuracy from
Beta(A s, (1 - A) s) with s = 1 / correlation - 1, and its samples are correct independently with that
probability. The expected accuracy is then A, and the correctness of two samples of one clip has the
intra-clip correlation 1 / (s + 1) = ``correlation``. At 0 all clips have accuracy A (independent samples);
at 1 all samples of a clip are correct or all are wrong. With m samples per clip the design effect is
1 + (m - 1) correlation.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from fer.data.emotions import EMOTIONS
from fer.data.samples import CLIP, GROUP_COLUMNS, PERSON
from fer.errors import InputError
from fer.synthetic.options import check_count, check_unit


def draw_predictions(
    accuracy: Mapping[str, float],
    samples: int | Mapping[str, int] = 400,
    clips: int | Mapping[str, int] = 40,
    correlation: float = 0.3,
    seed: int = 0,
    emotions: Sequence[str] = EMOTIONS,
    attribute: str = GROUP_COLUMNS[0],
    persons_per_clip: int = 1,
) -> pd.DataFrame:
    """Return a table of predictions, one row per sample, ordered by group (as in ``accuracy``) and clip.

    accuracy: expected accuracy (0..1) by group. samples, clips: numbers per group, one number for all
    or by group; a group's samples are spread evenly over its clips. correlation: of correctness within a
    clip, 0..1, see the module. emotions: the classes, at least two; a clip shows one of them, all equally
    likely, and a wrong prediction is any other, equally likely. attribute: name of the group column.
    persons_per_clip: persons who share a clip, taking turns in its samples; nobody is in two clips.

    Columns: sample_id, label, predicted, p_<emotion> for each of ``emotions`` (sum 1, highest at predicted),
    ``attribute``, person, clip, source ("synthetic"). The same arguments give the same table.
    Raises InputError for a value outside its range.
    """
    groups = _check(accuracy, correlation, seed, emotions, attribute, persons_per_clip)
    samples_by_group = _by_group("samples", samples, groups)
    clips_by_group = _by_group("clips", clips, groups)
    for group in groups:
        if clips_by_group[group] > samples_by_group[group]:
            raise InputError(f"clips of {group!r} outnumber its samples; use at most one clip per sample.")
    generator = np.random.default_rng(seed)
    clip_counts = np.array([clips_by_group[group] for group in groups])
    clip_group = np.repeat(np.arange(len(groups)), clip_counts)
    clip_sizes = np.concatenate([_spread(samples_by_group[group], clips_by_group[group]) for group in groups])
    clip_accuracy = _clip_accuracy(np.array([accuracy[group] for group in groups])[clip_group], correlation, generator)
    clip_label = generator.integers(len(emotions), size=len(clip_sizes))

    clip = np.repeat(np.arange(len(clip_sizes)), clip_sizes)
    within = np.arange(len(clip)) - np.repeat(np.cumsum(clip_sizes) - clip_sizes, clip_sizes)
    label = clip_label[clip]
    right = generator.random(len(clip)) < clip_accuracy[clip]
    other = (label + generator.integers(1, len(emotions), size=len(clip))) % len(emotions)
    predicted = np.where(right, label, other)
    probabilities = _probabilities(predicted, len(emotions), generator)

    names = np.array(emotions, dtype=object)
    clip_names = np.array([f"clip-{number:05d}" for number in range(len(clip_sizes))], dtype=object)
    turn = within % persons_per_clip
    columns = {
        "sample_id": [f"prediction-{number:06d}" for number in range(len(clip))],
        "label": names[label],
        "predicted": names[predicted],
    }
    columns |= {f"p_{emotion}": probabilities[:, code] for code, emotion in enumerate(emotions)}
    columns |= {
        attribute: np.array(groups, dtype=object)[clip_group[clip]],
        PERSON: [f"person-{number:06d}" for number in (clip * persons_per_clip + turn).tolist()],
        CLIP: clip_names[clip],
        "source": "synthetic",
    }
    return pd.DataFrame(columns)


def _clip_accuracy(mean: np.ndarray, correlation: float, generator: np.random.Generator) -> np.ndarray:
    """Draw each clip's accuracy (clips,) around ``mean`` (clips,)."""
    if correlation == 0.0:
        return mean
    if correlation == 1.0:
        return (generator.random(len(mean)) < mean).astype(float)
    spread = 1.0 / correlation - 1.0
    drawn = mean.copy()
    # A Beta distribution needs positive parameters; with an accuracy of 0 or 1 clips do not vary.
    open_ = (mean > 0.0) & (mean < 1.0)
    drawn[open_] = generator.beta(mean[open_] * spread, (1.0 - mean[open_]) * spread)
    return drawn


def _probabilities(predicted: np.ndarray, classes: int, generator: np.random.Generator) -> np.ndarray:
    """Draw rows (n, classes) that sum to 1 and are highest at ``predicted`` (n,)."""
    weights = generator.standard_exponential((len(predicted), classes)) ** 2 + 1e-6
    row = np.arange(len(predicted))
    best = weights.argmax(axis=1)
    highest = weights[row, best]
    weights[row, best] = weights[row, predicted]
    weights[row, predicted] = highest
    return weights / weights.sum(axis=1, keepdims=True)


def _spread(samples: int, clips: int) -> np.ndarray:
    """Return sizes (clips,) that sum to ``samples`` and differ by at most one."""
    return samples // clips + (np.arange(clips) < samples % clips)


def _by_group(field: str, value: int | Mapping[str, int], groups: list[str]) -> dict[str, int]:
    """Return a count of at least 1 for every group."""
    counts = dict(value) if isinstance(value, Mapping) else dict.fromkeys(groups, value)
    if set(counts) != set(groups):
        raise InputError(f"{field} names {sorted(counts)}; name the groups of accuracy, {sorted(groups)}.")
    for group, count in counts.items():
        check_count(f"{field} of {group!r}", count, 1)
    return counts


def _check(
    accuracy: Mapping[str, float],
    correlation: float,
    seed: int,
    emotions: Sequence[str],
    attribute: str,
    persons_per_clip: int,
) -> list[str]:
    """Return the groups after checking every argument except the counts."""
    if not accuracy:
        raise InputError("accuracy names no group; give at least one group and its accuracy.")
    for group, value in accuracy.items():
        check_unit(f"accuracy of {group!r}", value)
    check_unit("correlation", correlation)
    check_count("seed", seed, 0)
    check_count("persons_per_clip", persons_per_clip, 1)
    if len(emotions) < 2 or len(set(emotions)) != len(emotions):
        raise InputError(f"emotions is {tuple(emotions)!r}; use at least two different names.")
    taken = {"sample_id", "label", "predicted", PERSON, CLIP, "source"} | {f"p_{name}" for name in emotions}
    if not attribute or attribute in taken:
        raise InputError(f"attribute is {attribute!r}; use a name that no other column has.")
    return list(accuracy)
