"""Search one Optuna study by many workers: each asks for a trial, trains it, and reports it, until there are enough.

The storage is a database that all workers reach. A trial whose worker dies is failed and tried again with the same
values, by Optuna's own heartbeat. Before a worker asks for a trial it claims the search for a moment, so that no more
trials begin than were asked for.
"""

import hashlib
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import optuna
from optuna.exceptions import ExperimentalWarning
from optuna.storages import RDBStorage, RetryHeartbeatStaleTrialCallback, fail_stale_trials
from optuna.trial import FrozenTrial, TrialState

from fer.claims import Claim, claims_address, open_claims, wait_for
from fer.errors import InputError
from fer.progress import Tally

HEARTBEAT, GRACE = 10, 60
MOST_RETRIES = 3
_SECONDS_BETWEEN_LOOKS = 3.0
# Marks of a trial: it began under a heartbeat; it failed by what was tried, not with its worker.
BEATS, REFUSED = "fer.beats", "fer.refused"

Objective = Callable[[optuna.Trial], float | Sequence[float]]


@dataclass(frozen=True)
class Wanted:
    """How many trials a search is to have, and how many it had, of whatever kind, when this start began."""

    trials: int
    since: int

    def missing(self, trials: Sequence[FrozenTrial]) -> int:
        """Return how many trials are still to begin; those that are running count as begun."""
        return self.trials - sum(self._counts(trial) for trial in trials)

    def _counts(self, trial: FrozenTrial) -> bool:
        if trial.state == TrialState.RUNNING:
            # Of an earlier version, or of launcher=inline, nobody would notice that it died.
            return BEATS in trial.user_attrs
        if trial.state == TrialState.FAIL:
            # One at which the loss diverged is not repeated in the same start.
            return REFUSED in trial.user_attrs and trial.number >= self.since
        return trial.state in (TrialState.COMPLETE, TrialState.PRUNED)


def storage_with_heartbeat(address: str) -> RDBStorage | str:
    """Return the storage of an Optuna study whose trials show that their workers live.

    One that is no database is returned as it is: its trials show nothing. Raises InputError if it cannot be opened.
    """
    if address.startswith("redis"):
        return address
    try:
        with _no_experiments():
            return RDBStorage(
                address,
                heartbeat_interval=HEARTBEAT,
                grace_period=GRACE,
                heartbeat_stale_trial_callback=RetryHeartbeatStaleTrialCallback(max_retry=MOST_RETRIES),
            )
    except Exception as error:  # Each kind of database raises its own errors.
        raise storage_unusable(address, error) from error


def storage_unusable(address: object, error: Exception) -> InputError:
    """Return the error for a storage that Optuna cannot open, such as the database of MLflow's own tables."""
    return InputError(
        f"the Optuna storage {address} cannot be opened ({type(error).__name__}); give one such as "
        "sqlite:///optuna.db, in a database of its own, without MLflow's tables."
    )


def search(study: optuna.Study, objective: Objective, wanted: Wanted, claims: str, storage: str) -> int:
    """Run trials of a study until it has enough, with other workers that do the same; return how many were run here.

    ``claims`` are kept in ``storage`` unless they are named (:func:`fer.claims.claims_address`).
    """
    store = open_claims(claims_address(claims, storage))
    key = hashlib.sha256(f"tune {study.study_name}".encode()).hexdigest()[:32]
    done = 0
    while True:
        claim = wait_for(store, key)
        try:
            with _no_experiments():
                fail_stale_trials(study)
            trials = study.get_trials(deepcopy=False)
            if wanted.missing(trials) > 0:
                study.optimize(_begun(objective, claim), n_trials=1, catch=(InputError,))
                done += 1
                continue
        finally:
            claim.release()
        if not any(trial.state == TrialState.RUNNING and BEATS in trial.user_attrs for trial in trials):
            return done
        time.sleep(_SECONDS_BETWEEN_LOOKS)  # One that is running may still die.


def _begun(objective: Objective, claim: Claim) -> Objective:
    """Return the objective, which first marks the trial and lets others begin theirs."""

    def marked(trial: optuna.Trial) -> float | Sequence[float]:
        trial.set_user_attr(BEATS, True)
        claim.release()
        try:
            return objective(trial)
        except InputError:
            trial.set_user_attr(REFUSED, True)
            raise

    return marked


@contextmanager
def watched(study: optuna.Study, tally: Tally) -> Iterator[None]:
    """Report the study's trials to ``tally`` as they begin and end, whoever runs them, during the block."""
    ended, known = threading.Event(), {trial.number for trial in study.get_trials(deepcopy=False) if _over(trial)}
    running: set[int] = set()

    def look() -> None:
        for trial in study.get_trials(deepcopy=False):
            name = f"trial {trial.number}"
            if trial.number in known or trial.state == TrialState.WAITING:
                continue
            if trial.number not in running:
                running.add(trial.number)
                tally.began(name)
            if _over(trial):
                known.add(trial.number)
                first = None if trial.values is None else trial.values[0]
                tally.ended(name, first, "see its run" if trial.state == TrialState.FAIL else None)

    def watch() -> None:
        while not ended.wait(_SECONDS_BETWEEN_LOOKS):
            look()

    thread = threading.Thread(target=watch, daemon=True, name="trials")
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
        look()


def _over(trial: FrozenTrial) -> bool:
    return trial.state.is_finished()


@contextmanager
def _no_experiments() -> Iterator[None]:
    """Say nothing of the heartbeat being an experimental feature of Optuna, as it has been since 2021."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)
        yield
