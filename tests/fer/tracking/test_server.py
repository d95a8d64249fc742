"""A server is identified by its name; one that is slow is waited for."""

import time

import pytest
from mlflow.exceptions import MlflowException

from fer.tracking import server
from fer.tracking.server import NoAnswer, answering, server_name


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("http://someone:secret@host:5000/", "http://host:5000"),
        ("postgresql://someone:secret@host/runs", "postgresql://host/runs"),
        ("sqlite:////data/a@b.db", "sqlite:////data/a@b.db"),
        ("sqlite:///mlflow.db", "sqlite:///{here}/mlflow.db"),
        ("file:///data/mlruns", "/data/mlruns"),
    ],
)
def test_the_name_has_no_secret_and_no_relative_path(at, tmp_path, address, name):
    at(address)
    assert server_name() == name.format(here=tmp_path)


@pytest.fixture
def looks(at, monkeypatch):
    """Return a list that grows by each look at the server; it answers but at the looks numbered in ``missed``."""
    at("http://127.0.0.1:9")
    done = []
    done_missed = set()

    def look():
        done.append(len(done))
        if done[-1] in done_missed:
            raise NoAnswer("the server does not answer.")

    monkeypatch.setattr(server, "_look", look)
    monkeypatch.setattr(server, "_SECONDS_BETWEEN_LOOKS", 0.02)
    return done, done_missed


def test_a_slow_server_is_waited_for_even_if_it_misses_a_look(looks):
    done, missed = looks
    missed.add(1)
    assert answering(lambda: time.sleep(0.2) or "answer") == "answer"
    assert len(done) > 3


def test_a_server_that_misses_two_looks_is_not(looks):
    _, missed = looks
    missed.update([3, 4])
    began = time.monotonic()
    with pytest.raises(NoAnswer):
        answering(lambda: time.sleep(5))
    assert time.monotonic() - began < 3


def test_what_a_request_raises_reaches_the_caller(at, refused):
    at("http://127.0.0.1:9")

    def fail(error):
        raise error

    with pytest.raises(KeyError):
        answering(lambda: fail(KeyError("name")))
    with refused("127.0.0.1:9", "did not answer", "no such filter"):
        answering(lambda: fail(MlflowException("no such filter.\nmore")))
