"""Claims: one of many processes gets each, they expire with their holder, and a lost one is noticed."""

import subprocess
import sys
import threading
import time

import pytest
import sqlalchemy

from fer.claims import ClaimLostError, claims_address, held, open_claims
from fer.claims.database import DatabaseClaims

PROCESSES, IDENTITIES = 8, 12
# Each holds what it has got until all have tried.
TAKER = f"""
import sys, time
from fer.claims import open_claims
store, start = open_claims(sys.argv[1]), float(sys.argv[2])
time.sleep(max(0, start - time.time()))
claims = [store.take(f"{{number:016x}}") for number in range({IDENTITIES})]
print(*[number for number, claim in enumerate(claims) if claim is not None], flush=True)
sys.stdin.read()
"""


@pytest.fixture(params=["files", "database"])
def address(request, tmp_path, cache):
    """Return the address of a store of claims of each kind."""
    return "files" if request.param == "files" else f"sqlite:///{tmp_path}/claims.db"


def test_of_eight_processes_at_once_one_gets_each_claim(address):
    command = [sys.executable, "-c", TAKER, address, str(time.time() + 2)]
    kind = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    takers = [subprocess.Popen(command, **kind) for _ in range(PROCESSES)]
    taken = [taker.stdout.readline().split() for taker in takers]
    # All live still: nothing has expired.
    assert open_claims(address).take(f"{0:016x}") is None
    for taker in takers:
        taker.communicate()
        assert taker.returncode == 0
    assert sorted(int(number) for got in taken for number in got) == list(range(IDENTITIES))


def test_a_claim_that_was_given_back_can_be_taken(address):
    store = open_claims(address)
    with held(store, "a"):
        assert store.take("a") is None
        other = store.take("b")
    again = store.take("a")
    assert again is not None and other is not None
    again.release()


def test_a_waiting_process_gets_the_claim_when_it_is_given_back(address):
    store, told = open_claims(address), []
    claim = store.take("a")
    threading.Timer(0.3, claim.release).start()
    with held(store, "a", lambda: told.append("waiting")) as taken:
        taken.check()
    assert told == ["waiting"]


def test_a_claim_is_renewed_while_its_holder_lives_and_expires_when_it_dies(tmp_path, monkeypatch):
    store = DatabaseClaims(f"sqlite:///{tmp_path}/claims.db", lease=2)
    claim = store.take("a")
    time.sleep(3.2)
    assert store.take("a") is None
    monkeypatch.setattr(claim._ended, "wait", lambda seconds: True)  # As if its process were killed.
    claim._ended.set()
    deadline, taken = time.monotonic() + 10, None
    while taken is None and time.monotonic() < deadline:
        time.sleep(0.2)
        taken = store.take("a")
    assert taken is not None
    with pytest.raises(ClaimLostError, match="another process may have done it"):
        claim.check()
    claim.release()  # Does not take it from its new holder.
    taken.check()
    taken.release()


def test_claims_are_kept_where_processes_meet(monkeypatch, refused):
    monkeypatch.delenv("FER_CLAIMS", raising=False)
    assert claims_address("auto", "postgresql://host/mlflow") == "postgresql://host/mlflow"
    assert claims_address("auto", "https://server") == "files"
    monkeypatch.setenv("FER_CLAIMS", "postgresql://ann:secret@host/fer")
    assert claims_address("auto", "https://server") == "postgresql://ann:secret@host/fer"
    with refused("FER_CLAIMS", "***"):
        claims_address("postgresql://ann:secret@host/fer", "https://server")


def test_a_database_that_cannot_keep_claims_is_refused(tmp_path, refused):
    with refused("cannot be opened", "claims="):
        open_claims(f"sqlite:///{tmp_path}/none/claims.db")
    with refused("cannot be opened"):
        open_claims("no address")
    with refused("oracle", "sqlite"):
        open_claims("oracle://host/fer")


def test_claims_stand_beside_the_tables_of_the_tracking_store(tmp_path, empty_store):
    import shutil

    import mlflow

    place = shutil.copy(empty_store, tmp_path / "mlflow.db")
    open_claims(f"sqlite:///{place}").take("a").release()
    engine = sqlalchemy.create_engine(f"sqlite:///{place}")
    assert {"fer_claims", "runs"} <= set(sqlalchemy.inspect(engine).get_table_names())
    engine.dispose()
    # MLflow neither minds it nor asks for an upgrade.
    mlflow.MlflowClient(f"sqlite:///{place}").create_experiment("after")
