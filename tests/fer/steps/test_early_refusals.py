"""What cannot be mixed or balanced is found out before a dataset is opened or made."""

import numpy as np
import pytest

from fer.steps import ensembling
from fer.steps.balancing import balance_step
from fer.steps.datasets import integrate_step
from fer.steps.ensembling import ensemble_step
from fer.steps.tuning import tune_step
from fer.training.plan import TrainingPlan


@pytest.mark.parametrize(
    ("given", "words"),
    [({"addition": "a"}, "mixed with itself"), ({"arm": "blend"}, "unknown arm"), ({"fraction": "x"}, "not a number"),
     ({"addition": "none"}, "of nothing"), ({"seed": -1}, "seed -1"), ({"seed": 2**40}, "0..4294967295")],
)  # fmt: skip
def test_what_cannot_be_mixed_is_found_out_before_a_dataset_is_opened(given, words, refused):
    with refused(words):
        integrate_step(**{"base": "a", "addition": "b", "fraction": "0.5", "seed": 0, **given})


@pytest.mark.parametrize(
    "given", [{"method": "rotate"}, {"target": "lots"}, {"options": {"k": 1}}, {"options": {"flip": 7}}, {"seed": -1}]
)
def test_what_cannot_be_balanced_is_found_out_before_a_dataset_is_opened(given, refused):
    with refused(str(next(iter(given.values()))) if "options" not in given else "method augment"):
        balance_step(**{"address": "a", "method": "augment", "target": "equal", "seed": 0, "options": {}, **given})


@pytest.mark.parametrize("members", [["a", "a"], ["a", "b", "runs:/a"], ["models:/m/1", "models:/m/1"]])
def test_a_model_is_a_member_once(members, refused):
    with refused("members", "is given twice"):
        ensemble_step(members, "nowhere", "average")


@pytest.mark.parametrize(
    ("given", "words"),
    [({"trials": 0}, "trials 0"), ({"trials": -3}, "trials -3"), ({"study_name": "a\nb"}, "study_name 'a")],
)
def test_a_search_that_cannot_be_is_found_out_before_its_storage_is_opened(given, words, refused, tmp_path):
    search = {"study_name": "s", "trials": 1, "storage": f"sqlite:///{tmp_path}/optuna.db", **given}
    with refused(words):
        tune_step("nowhere", TrainingPlan(backbone="cnn"), **search)
    assert not list(tmp_path.iterdir())


def test_one_model_under_two_addresses_is_not_two_members(monkeypatch, refused):
    class Model:
        def __init__(self, *weights):
            self.get_weights = lambda: [np.array(weights)]

    models = {"a": Model(1, 2), "b": Model(3, 4), "models:/m/1": Model(1, 2)}
    monkeypatch.setattr(ensembling, "load_logged", lambda address: (models[address], ("happy", "sad")))
    with refused("a and models:/m/1 are one model"):
        ensemble_step(list(models), "nowhere", "average")
