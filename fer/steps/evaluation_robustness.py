"""The robustness of an evaluation: accuracy on faces made worse, by kind, severity and group."""

from collections.abc import Sequence

import pandas as pd

from fer import figures
from fer.data.attributes import ALL
from fer.evaluation.predictions import Predict
from fer.evaluation.robustness import perturbed_predictions, robustness_table
from fer.steps.evaluation_files import Evaluated
from fer.tracking.run_contents import log_comparable_image, log_files, log_metrics

SEED = 0


def log_robustness(done: Evaluated, model: Predict, emotions: Sequence[str], kinds: Sequence[str]) -> dict[str, float]:
    """Log ``robustness.csv``, a figure an attribute, and the accuracy over all faces as metrics; return the last.

    A row an attribute, kind, severity and group, with intervals; severity 0 is the faces as they are. A metric a kind,
    with the severity as step; the groups stand in the table and the figures.
    """
    perturbed = perturbed_predictions(model, done.part, kinds, emotions, SEED)
    nobody = pd.Series([None] * len(done.part), dtype="str")
    tables = {ALL: robustness_table(done.predictions, perturbed, nobody, [], done.clusters)}
    for result in done.results:
        groups = list(result.groups.index)
        names = result.attribute.groups(done.predictions)
        table = robustness_table(done.predictions, perturbed, names, groups, done.clusters)
        tables[str(result.attribute)] = table[table["group"] != ALL]
    whole = pd.concat(tables, names=["attribute"]).reset_index("attribute").reset_index(drop=True)
    last: dict[str, float] = {}
    for severity, rows in tables[ALL].groupby("severity"):
        last = {
            f"{done.split}/robustness/{kind}": value for kind, value in rows[["perturbation", "accuracy"]].to_numpy()
        }
        log_metrics(last, step=int(severity))
    shown = {result.attribute.slug: str(result.attribute) for result in done.results} or {ALL: ALL}
    pictures = {
        f"robustness_{slug}": figures.robustness(tables[text], text, done.title) for slug, text in shown.items()
    }
    log_files(tables={"robustness.csv": whole}, figures={f"{name}.png": drawn for name, drawn in pictures.items()})
    for name, drawn in pictures.items():
        log_comparable_image(name, drawn)
    return last
