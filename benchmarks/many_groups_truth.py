"""Families of many comparisons: false alarms and power of max-t, of false discovery rates, and partial pooling.

    python -m benchmarks.many_groups_truth --to <folder> [--tables 400] [--pooled 150] [--statsmodels] [--jobs 1]

Faces, clips and groups are drawn as in `interval_truth.py`. Three tables, in percent:

- *max-t*: all pairs of groups of one model or of several (which differ in 30 % of the faces). *Any false*: tables with
  a false finding, 5 % if exact; *found*: of the pairs that truly differ; *all covered*: tables of which all
  simultaneous intervals contain the truth.
- *discovery rate*: each group against all others. *False of flags*: their mean share, 5 % at most; *flagged*: of the
  groups that truly differ. As many are better as worse, so that the others do not differ from the mean of all.
- *pooling*: combinations of three races, two genders and four ages with 1 to 12 clips of 8 faces each. Main effects are
  drawn, and interactions with a standard deviation (on the probit scale); in "outlier" there is none, but one
  combination of two clips is worse by 0.8. *Covered*: of the 95 % intervals; *width*, *error* (root mean square) in
  points; *raw*: of the combination's own faces, covered and width where it has an interval.
"""

import argparse
import warnings
from functools import partial
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import sparse, special, stats
from statsmodels.genmod.bayes_mixed_glm import BinomialBayesMixedGLM
from tabulate import tabulate

from benchmarks.interval_truth import CLIP_VARIANCE, Design, table
from benchmarks.simulated_tables import simulated
from fer.fairness import false_discovery_p, flagged_groups, holm, partial_pooling, simultaneous_differences

LEVEL = 0.05
CHANGED = 0.3
FAMILIES = (
    (Design((0.65,) * 6, (10,) * 6), 1),
    (Design((0.95,) * 6, (20,) * 6), 1),
    (Design((0.65,) * 4, (40, 20, 8, 5)), 1),
    (Design((0.9,) * 6, (40,) * 6), 1),
    (Design((0.65,) * 3, (30,) * 3), 5),
    (Design((0.65,) * 5 + (0.4,), (20,) * 6), 1),
    (Design((0.5, 0.6, 0.7, 0.8), (30,) * 4), 1),
    (Design((0.65, 0.65, 0.45), (30,) * 3), 5),
)
DISCOVERIES = (
    Design((0.75,) * 24, (10,) * 24),
    Design((0.75,) * 20 + (0.55, 0.55, 0.95, 0.95), (10,) * 24),
    Design((0.8,) * 16 + (0.65,) * 4 + (0.95,) * 4, (20,) * 24),
)
INTERACTIONS = (0.0, 0.15, 0.4, "outlier")
_RACES, _GENDERS, _AGES = 3, 2, 4
_COMBINATIONS = np.array(list(product(range(_RACES), range(_GENDERS), range(_AGES))))
_CLIPS = (1, 2, 2, 3, 4, 6, 8, 12)
_OUTLIER = 5


def family(design: Design, models: int, seed: int) -> dict[str, float]:
    """Return what is found among all pairs of groups of one table."""
    stream = np.random.default_rng(seed)
    faces, right, _ = table(design, stream)
    names = np.array([f"group {at}" for at in range(len(design.accuracy))])
    preds = {"model 0": right[0].astype(int)}
    for model in range(1, models):
        other, changed = table(design, stream)[1][0].astype(int), stream.random(len(faces)) < CHANGED
        preds[f"model {model}"] = np.where(changed, other, preds["model 0"])
    found = simultaneous_differences(
        np.ones(len(faces), int), preds, sensitive_features=names[faces["group"]], clusters=faces["clip"].to_numpy(),
        labels=[0, 1],
    )  # fmt: skip
    true = dict(zip(names, design.accuracy, strict=True))
    apart = np.array([true[group] - true[other] for _, group, other in found.index])
    outcome = {}
    for name, p in (("Holm", holm(found["p"])), ("max-t", found["p_max_t"]), ("step-down", found["p_step_down"])):
        outcome[f"{name}: any false"] = (p[apart == 0] <= LEVEL).any() if (apart == 0).any() else np.nan
        outcome[f"{name}: found"] = (p[apart != 0] <= LEVEL).mean() if (apart != 0).any() else np.nan
    outcome["all covered"] = ((found["low"] <= apart) & (apart <= found["high"])).all()
    return {name: 100.0 * value for name, value in outcome.items()}


def discoveries(design: Design, seed: int) -> dict[str, float]:
    """Return the flags of one table of many groups."""
    faces, right, _ = table(design, np.random.default_rng(seed))
    names = np.array([f"group {at:02d}" for at in range(len(design.accuracy))])
    by = {"sensitive_features": names[faces["group"]], "clusters": faces["clip"].to_numpy(), "labels": [0, 1]}
    y_true, y_pred = np.ones(len(faces), int), right[0].astype(int)
    true = np.array(design.accuracy)
    # The mean of the others is the common accuracy, so that a flag of a group with this accuracy is false.
    different = true != true[0]
    found = flagged_groups(y_true, y_pred, **by)
    corrected = {"BH": found["p_fdr"], "BY": false_discovery_p(found["p"], method="by"), "Holm": holm(found["p"])}
    outcome = {}
    for name, p in corrected.items():
        flags = (p <= LEVEL).to_numpy()
        outcome[f"{name}: false of flags"] = (flags & ~different).sum() / max(flags.sum(), 1)
        outcome[f"{name}: flagged"] = flags[different].mean() if different.any() else np.nan
    return {name: 100.0 * value for name, value in outcome.items()}


def variational(cell: np.ndarray, clip: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the 95 % limits of each combination's accuracy by statsmodels' variational fit of the same model."""
    groups = np.concatenate([_COMBINATIONS[:, [at]] == np.unique(_COMBINATIONS[:, at])[1:] for at in range(3)], axis=1)
    effects = np.concatenate([np.ones((len(groups), 1)), groups], axis=1)
    rows, size = np.arange(len(cell)), len(groups)
    places = np.tile(rows, 2), np.concatenate([cell, size + clip])
    random = sparse.csr_array((np.ones(2 * len(rows)), places), shape=(len(rows), size + clip.max() + 1))
    kinds = np.repeat([0, 1], [size, clip.max() + 1])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = BinomialBayesMixedGLM(right.astype(float), effects[cell], sparse.csr_matrix(random), kinds, 1, 2)
        fit = model.fit_vb(rng=0)
    mean = effects @ fit.fe_mean + fit.vc_mean[:size]
    error = np.sqrt(effects**2 @ fit.fe_sd**2 + fit.vc_sd[:size] ** 2)
    nodes, weights = np.polynomial.hermite_e.hermegauss(40)
    ends = [mean + side * 1.96 * error for side in (-1, 1)]
    clips = np.exp(fit.vcp_mean[1]) * nodes
    low, high = (special.expit(end[:, None] + clips) @ weights / weights.sum() for end in ends)
    return low, high


def pooled(interaction: float | str, with_statsmodels: bool, seed: int) -> dict[str, float]:
    """Return how the intervals of combinations hold on one table."""
    stream = np.random.default_rng(seed)
    latent = stats.norm.ppf(0.75)
    for column, (size, sd) in enumerate(((_RACES, 0.3), (_GENDERS, 0.15), (_AGES, 0.2))):
        latent = latent + stream.normal(0, sd, size)[_COMBINATIONS[:, column]]
    clips = np.resize(_CLIPS, len(_COMBINATIONS))
    stream.shuffle(clips)
    if interaction == "outlier":
        latent[_OUTLIER] -= 0.8
        clips[_OUTLIER] = 2
    else:
        latent = latent + stream.normal(0, float(interaction), len(latent))
    true = stats.norm.cdf(latent)
    clip = np.repeat(np.arange(clips.sum()), 8)
    cell = np.repeat(np.arange(len(clips)), clips)[clip]
    own = np.sqrt(CLIP_VARIANCE) * stream.normal(size=clips.sum())[clip]
    right = latent[cell] + own + np.sqrt(1 - CLIP_VARIANCE) * stream.normal(size=len(clip)) > 0
    faces = pd.DataFrame(_COMBINATIONS[cell], columns=["race", "gender", "age"])
    found = partial_pooling(
        np.ones(len(clip), int), right.astype(int), sensitive_features=faces, clusters=clip, labels=[0, 1]
    )
    covered = (found["low"] <= true) & (true <= found["high"])
    raw = found[found["raw_low"].notna()]
    known = found["raw_low"].notna().to_numpy()
    outcome = {
        "covered": covered.mean(), "width": (found["high"] - found["low"]).mean(),
        "error": ((found["estimate"] - true) ** 2).mean(),
        "raw covered": ((raw["raw_low"] <= true[known]) & (true[known] <= raw["raw_high"])).mean(),
        "raw width": (raw["raw_high"] - raw["raw_low"]).mean(), "raw error": ((found["raw"] - true) ** 2).mean(),
        "raw without interval": 1 - known.mean(), "outlier covered": covered.iloc[_OUTLIER],
    }  # fmt: skip
    if with_statsmodels:
        low, high = variational(cell, clip, right)
        outcome["statsmodels covered"] = ((low <= true) & (true <= high)).mean()
    return {name: 100.0 * float(value) for name, value in outcome.items()}


def main() -> None:
    """Print one table for each of the three questions."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--to", type=Path, required=True)
    parser.add_argument("--tables", type=int, default=400)
    parser.add_argument("--pooled", type=int, default=150)
    parser.add_argument("--statsmodels", action="store_true", help="fit its variational model too: four times as long")
    parser.add_argument("--jobs", type=int, default=1)
    asked = parser.parse_args()
    asked.to.mkdir(parents=True, exist_ok=True)
    shown: dict[str, list[dict]] = {"max-t": [], "discovery rate": [], "pooling": []}
    for at, (design, models) in enumerate(FAMILIES):
        path = asked.to / f"family-{at}-{asked.tables}.csv"
        found = simulated(partial(family, design, models), range(asked.tables), asked.jobs, path)
        known = {"clips": design.name, "accuracy": design.accuracies, "models": models}
        shown["max-t"].append({**known, **found.mean().round(1).to_dict()})
    for at, design in enumerate(DISCOVERIES):
        path = asked.to / f"discoveries-{at}-{asked.tables}.csv"
        found = simulated(partial(discoveries, design), range(asked.tables), asked.jobs, path)
        known = {"groups": len(design.accuracy), "clips": design.clips[0], "accuracy": design.accuracies}
        shown["discovery rate"].append({**known, **found.mean().round(1).to_dict()})
    for interaction in INTERACTIONS:
        path = asked.to / f"pooling-{interaction}-{asked.pooled}{'-statsmodels' * asked.statsmodels}.csv"
        one = partial(pooled, interaction, asked.statsmodels)
        means = simulated(one, range(asked.pooled), asked.jobs, path).mean()
        for name in ("error", "raw error"):
            # Of the mean square, in percent of 1, the root in points.
            means[name] = 100 * np.sqrt(means[name] / 100)
        if interaction != "outlier":
            means["outlier covered"] = np.nan
        shown["pooling"].append({"interaction": interaction, **means.round(1).to_dict()})
    for title, rows in shown.items():
        print(f"\n{title}\n\n{tabulate(pd.DataFrame(rows), headers='keys', tablefmt='github', showindex=False)}")


if __name__ == "__main__":
    main()
