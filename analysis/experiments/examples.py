"""Small frames in the form of a server's, for the examples in docstrings: random predictions, no faces."""

from collections.abc import Mapping

import pandas as pd

from fer.data.attributes import RACE
from fer.evaluation.metric_names import metric_names
from fer.evaluation.metrics import by_group, overall
from fer.sentinels import NONE
from fer.synthetic.predictions import draw_predictions
from fer.tracking import names

# By experiment: the fraction added and the arm, and the expected accuracy per group.
_Experiments = Mapping[str, tuple[str, str, Mapping[str, float]]]
_EXPERIMENTS: _Experiments = {
    "one only": ("0", "add", {"black": 0.4, "white": 0.7}),
    "one + 50% two": ("0.5", "add", {"black": 0.7, "white": 0.8}),
}
_ARMS: _Experiments = {
    **_EXPERIMENTS,
    "one ~ 50% two": ("0.5", "swap", {"black": 0.6, "white": 0.7}),
    "one + own faces, as many as 50% two": ("0.5", "same", {"black": 0.4, "white": 0.8}),
}
# By method, the expected accuracy per group.
_METHODS: Mapping[str, Mapping[str, float]] = {
    "erm": {"black": 0.4, "white": 0.8},
    "group_dro": {"black": 0.7, "white": 0.75},
    "jtt": {"black": 0.4, "white": 0.8},
}
_SEEDS = (0, 1)
_FACES, _CLIPS = {"black": 40, "white": 80}, {"black": 8, "white": 16}


def example_predictions() -> dict[str, pd.DataFrame]:
    """Return predictions by run id: two experiments with two seeds each, of the same 120 faces in 24 clips."""
    return _predictions(_EXPERIMENTS)


def example_runs() -> pd.DataFrame:
    """Return the runs of :func:`example_predictions`, as :func:`analysis.load_runs` would."""
    return _runs(_EXPERIMENTS)


def example_arms() -> tuple[pd.DataFrame, dict[str, pd.DataFrame]]:
    """Return runs and predictions as above, of four experiments: a base alone, and changed in each of three arms."""
    return _runs(_ARMS), _predictions(_ARMS)


def example_methods() -> tuple[pd.DataFrame, dict[str, pd.DataFrame]]:
    """Return runs and predictions as above, of three mitigation methods."""
    experiments: _Experiments = {method: ("0", "add", accuracy) for method, accuracy in _METHODS.items()}
    runs = _runs(experiments)
    method = runs[names.tag(names.EXPERIMENT)]
    return runs.assign(**{names.param("method"): method.where(method != "erm")}), _predictions(experiments)


def _predictions(experiments: _Experiments) -> dict[str, pd.DataFrame]:
    faces = draw_predictions({"black": 1.0, "white": 1.0}, _FACES, _CLIPS)
    other = faces["label"].map({"happy": "sad"}).fillna("happy")
    tables = {}
    for number, (_, _, accuracy) in enumerate(experiments.values()):
        for seed in _SEEDS:
            drawn = draw_predictions(accuracy, _FACES, _CLIPS, seed=seed)
            right = drawn["label"] == drawn["predicted"]
            tables[_run_id(number, seed)] = faces.assign(predicted=faces["label"].where(right, other))
    return tables


def _runs(experiments: _Experiments) -> pd.DataFrame:
    predictions = _predictions(experiments)
    rows = []
    for number, (experiment, (fraction, arm, _)) in enumerate(experiments.items()):
        for seed in _SEEDS:
            run = _run_id(number, seed)
            parameters = {
                "base": "one", "addition": NONE if fraction == "0" else "two", "fraction": fraction, "arm": arm,
                "seed": str(seed), "test": "faces",
            }  # fmt: skip
            metrics = metric_names("test", overall(predictions[run]), [by_group(predictions[run], RACE)])
            tags = {
                names.EXPERIMENT: experiment, names.ORIGIN: names.MEASURED, names.POSITION: str(number),
            }  # fmt: skip
            rows.append(
                {
                    "run_id": run, "run_name": f"{experiment}, seed {seed}", "experiment_name": "example",
                    "status": "FINISHED", "start_time": pd.Timestamp("2026-01-01", tz="UTC"),
                    **{names.param(name): value for name, value in parameters.items()},
                    **{names.metric(name): value for name, value in metrics.items()},
                    **{names.tag(name): value for name, value in tags.items()},
                }
            )  # fmt: skip
    return pd.DataFrame(rows)


def _run_id(experiment: int, seed: int) -> str:
    return f"{2 * experiment + seed:032x}"
