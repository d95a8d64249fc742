"""An Optuna study is resumed if data, parameters and results are the same."""

import pytest

from fer import identity
from fer.errors import InputError
from fer.steps.tuning import _study
from fer.steps.tuning_objectives import Objectives
from fer.tracking import names
from fer.training.plan import TrainingPlan


def test_a_study_of_earlier_code_goes_on_only_if_that_gave_the_same_results(tmp_path, monkeypatch):
    storage, plan = f"sqlite:///{tmp_path}/optuna.db", TrainingPlan(backbone="cnn")
    objectives = Objectives(("accuracy",), "none")
    with monkeypatch.context() as before:
        before.setattr(identity, "code_version", lambda: "earlier")
        key = _study("search", storage, plan, "abc", objectives).user_attrs[names.IDENTITY]
    monkeypatch.setattr(identity, "REPRODUCED", ())
    with pytest.raises(InputError, match="other data, parameters, objectives or code"):
        _study("search", storage, plan, "abc", objectives)
    monkeypatch.setattr(identity, "REPRODUCED", ("earlier",))
    assert _study("search", storage, plan, "abc", objectives).user_attrs[names.IDENTITY] != key
    with pytest.raises(InputError, match="other data, parameters, objectives or code"):
        _study("search", storage, plan, "other data", objectives)
