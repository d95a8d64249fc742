"""Frames of runs as :func:`analysis.load_runs` returns them, made by hand."""

from pathlib import Path

import pandas as pd
import pytest

from fer.steps import published
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
            published._metrics(table, one), position)
        for position, one in enumerate(table.rows)
    ]  # fmt: skip
    return pd.DataFrame(rows)


@pytest.fixture
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
