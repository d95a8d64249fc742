"""A study whose server is lost ends at the cell that fails; if the server is back, the next cell runs."""

from contextlib import contextmanager
from types import SimpleNamespace

import pytest

from fer.steps import cell_runs as module
from fer.tracking.server import NoAnswer


def _lost(*given, **named):
    raise NoAnswer("the tracking server did not answer a request.")


@pytest.fixture
def run(monkeypatch):
    """Return a function that runs a cell whose run cannot be opened."""
    monkeypatch.setattr(module, "experiment_identity", lambda cell, data: "key")
    for name in ("cell_parameters", "cell_data"):
        monkeypatch.setattr(module, name, lambda *given: {})
    monkeypatch.setattr(module, "run_name", lambda *given: "a")
    monkeypatch.setattr(module, "open_run", contextmanager(_lost))
    cell = SimpleNamespace(experiment="a", seed=0, position=0, training_title="a")
    work = SimpleNamespace(study=SimpleNamespace(name="s"), data=None, parent=None)
    return lambda: module._computed(work, SimpleNamespace(cell=cell, identity="key"), None, None)


def test_a_study_ends_if_the_server_is_lost(run, monkeypatch):
    monkeypatch.setattr(module, "connect", _lost)
    with pytest.raises(NoAnswer):
        run()


def test_only_the_cell_fails_if_the_server_is_back(run, monkeypatch):
    monkeypatch.setattr(module, "connect", lambda: "http://localhost")
    assert run().failure == "the tracking server did not answer a request."
