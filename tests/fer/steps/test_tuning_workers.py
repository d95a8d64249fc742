"""Many workers on one Optuna study: as many trials as asked for, none twice, dead ones tried again."""

import shutil
import threading
import time

import optuna
import pytest
from optuna.trial import TrialState

from fer.errors import InputError
from fer.steps import tuning_workers
from fer.steps.tuning_workers import BEATS, Wanted, search, storage_with_heartbeat

pytestmark = pytest.mark.filterwarnings("ignore::optuna.exceptions.ExperimentalWarning")


@pytest.fixture
def storage(tmp_path, monkeypatch):
    """Return the address of a storage whose dead trials are noticed within seconds."""
    monkeypatch.setattr(tuning_workers, "HEARTBEAT", 1)
    monkeypatch.setattr(tuning_workers, "GRACE", 2)
    monkeypatch.setattr(tuning_workers, "_SECONDS_BETWEEN_LOOKS", 0.3)
    monkeypatch.delenv("FER_CLAIMS", raising=False)
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return f"sqlite:///{tmp_path}/optuna.db"


def _opened(storage):
    return optuna.create_study(
        study_name="s", storage=storage_with_heartbeat(storage), load_if_exists=True, direction="maximize"
    )


def test_three_workers_run_as_many_trials_as_were_asked_for(storage):
    _opened(storage)
    tried = []

    def objective(trial):
        tried.append(trial.number)
        time.sleep(0.05)
        if trial.number == 1:
            raise InputError("the loss diverged.")
        if trial.number == 2:
            raise optuna.TrialPruned
        return trial.suggest_float("x", 0, 1)

    def work():
        counts.append(search(_opened(storage), objective, Wanted(8, 0), "auto", storage))

    counts = []
    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    # The one that diverged counts in this start, and not in the next.
    assert sorted(tried) == list(range(8)) and sum(counts) == 8
    study = _opened(storage)
    assert search(study, objective, Wanted(8, len(study.trials)), "auto", storage) == 1
    states = [trial.state for trial in study.trials]
    assert [states.count(one) for one in (TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL)] == [7, 1, 1]


def test_a_trial_whose_worker_died_is_tried_again_with_its_values(storage):
    study = _opened(storage)
    with pytest.warns(UserWarning, match="Study.optimize"):
        dead = study.ask()
    x = dead.suggest_float("x", 0, 1)
    dead.set_user_attr(BEATS, True)
    dead.set_user_attr("run_id", "of the dead")
    study._storage.record_heartbeat(dead._trial_id)  # Its last sign of life.
    # An interrupted trial of an earlier version has none, and is not waited for.
    optuna.load_study(study_name="s", storage=storage).ask()

    seen = []

    def objective(trial):
        seen.append((trial.suggest_float("x", 0, 1), trial.user_attrs.get("run_id")))
        return 0.5

    assert search(study, objective, Wanted(2, 0), "auto", storage) == 2
    assert (x, "of the dead") in seen
    states = [trial.state for trial in study.trials]
    assert states.count(TrialState.COMPLETE) == 2 and states.count(TrialState.FAIL) == 1


def test_a_storage_that_holds_mlflows_tables_is_refused(empty_store, tmp_path, refused):
    place = shutil.copy(empty_store, tmp_path / "mlflow.db")
    with refused("a database of its own"):
        storage_with_heartbeat(f"sqlite:///{place}")
