"""Frames of runs as :func:`analysis.load_runs` returns them, made by hand."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.fetch.evidence import with_attribute
from fer.data.attributes import RACE
from fer.steps import published
from fer.synthetic.predictions import draw_predictions
from fer.tracking import names

PUBLISHED = Path(__file__).parents[2] / "studies" / "published" / "eila.yaml"


def row(experiment, origin, position, parameters, metrics, number):
    return {
        "run_id": f"{number:032x}",
        "run_name": f"run {experiment}",
        "experiment_name": "eila",
        "status": "FINISHED",
        "start_time": pd.Timestamp("2026-01-01", tz="UTC") + pd.Timedelta(number, "s"),
        **{f"params.{name}": str(value) for name, value in parameters.items()},
        **{f"metrics.{name}": value for name, value in metrics.items()},
        f"tags.{names.EXPERIMENT}": experiment,
        f"tags.{names.ORIGIN}": origin,
        f"tags.{names.POSITION}": str(position),
    }


@pytest.fixture(scope="session")
def published_runs():
    """Return Tables 5 and 6 as runs, with the metrics that are logged for them."""
    table = published.read_published(PUBLISHED)
    rows = [
        row(one.experiment, names.PUBLISHED, position,
            {"base": one.base, "addition": one.addition, "fraction": one.fraction, "arm": "add"},
            published.published_record(table, one).metrics, position)
        for position, one in enumerate(table.rows)
    ]  # fmt: skip
    return pd.DataFrame(rows)


@pytest.fixture(scope="session")
def make_runs():
    """Return a maker of measured runs: one a name; a name given twice is one experiment with two seeds."""

    def make(experiments, accuracy=None, std=None, fractions=None, bases=None):
        places = list(dict.fromkeys(experiments))
        rows = []
        for at, name in enumerate(experiments):
            fraction = "0" if fractions is None else fractions[at]
            right = 0.5 if accuracy is None else accuracy[at]
            metrics = {
                "test/accuracy": right,
                "test/f1_weighted": right,
                "test/loss": 1.5,
                "test/race/accuracy/black": right - 0.1,
                "test/race/accuracy/white": right + 0.1,
                "test/race/accuracy_std": 14.1 if std is None else std[at],
                "test/race/accuracy_min": right - 0.1,
                "test/race/accuracy_gap": 0.2,
            }
            parameters = {
                "base": "one" if bases is None else bases[at],
                "addition": "two" if float(fraction) else "none",
                "fraction": fraction,
                "arm": "add",
                "seed": str(at),
            }
            rows.append(row(name, names.MEASURED, places.index(name), parameters, metrics, 100 + at))
        return pd.DataFrame(rows)

    return make


@pytest.fixture(scope="session")
def faces():
    """Return predictions of 264 faces, all right: white in 12 clips, mixed in 4, black in one clip of two persons."""
    table = draw_predictions(
        {"white": 1.0, "mixed": 1.0, "black": 1.0},
        samples={"white": 180, "mixed": 60, "black": 24},
        clips={"white": 12, "mixed": 4, "black": 1},
        persons_per_clip=2,
    )
    return table.assign(gender=np.where(np.arange(len(table)) % 2, "female", "male"))


@pytest.fixture(scope="session")
def wrong_in(faces):
    """Return a maker of predictions that are wrong on every n-th face of a group: ``wrong_in(white=4, mixed=2)``."""

    def make(start=0, **every):
        table = faces.copy()
        for group, step in every.items():
            places = table.index[table["race"] == group][start::step]
            said = table.loc[places, "label"].map({"happy": "sad"}).fillna("happy")
            table.loc[places, "predicted"] = said
        return table

    return make


@pytest.fixture(scope="session")
def study(make_runs, wrong_in):
    """Return runs and predictions of ``one only`` and its mixtures with 50 and 100 % of ``two``, two seeds each.

    Every face more that white faces get right is one of the mixtures'; mixed and black faces stay as they are.
    """
    experiments = ["one only", "one + 50% two", "one + 100% two"]
    runs = make_runs([name for name in experiments for _ in range(2)], fractions=["0", "0", "0.5", "0.5", "1", "1"])
    runs["params.seed"] = ["0", "1"] * 3
    runs["params.test"] = "faces"
    steps = {"0": 2, "0.5": 4, "1": 12}
    predictions = {
        row["run_id"]: wrong_in(int(row["params.seed"]), white=steps[row["params.fraction"]], mixed=4, black=4)
        for row in runs.to_dict("records")
    }
    return with_attribute(runs.drop(columns=[name for name in runs if "race" in name]), predictions, RACE), predictions
