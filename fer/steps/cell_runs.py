"""Run one cell of a study, in this process or in a worker's: claim it, reuse it or compute it, and say how it ended."""

import resource
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from fer.claims import Claim, ClaimStore, claims_address, held, open_claims
from fer.errors import InputError
from fer.identity import evaluation_versions
from fer.record import Record
from fer.redaction import redacted
from fer.steps.cells import StudyData, cell_data, cell_identity, cell_steps, experiment_identity
from fer.steps.reuse import reusable_run
from fer.study.cells import Cell, Ensemble, Training, stages_in
from fer.study.schema import StudyFile
from fer.study.server_form import cell_parameters
from fer.study.titles import run_name
from fer.tracking import names
from fer.tracking.heartbeat import beating
from fer.tracking.run_contents import log_record
from fer.tracking.runs import is_open, open_run
from fer.tracking.server import NoAnswer, connect, tracking_address
from fer.tracking.stale_runs import end_runs_of

# Progress shows validation accuracy: test faces are for reporting only.
_ACCURACY = names.BEST_VALIDATION_ACCURACY
_KILOBYTES = sys.platform != "darwin"  # The unit of the system's largest memory.


@dataclass(frozen=True)
class Outcome:
    """The outcome of a cell.

    ``reused`` is whether a finished run was found, ``failure`` the reason why the cell failed (None: it did not),
    ``accuracy`` its model's validation accuracy, 0..1, and ``elsewhere`` whether another process is computing the cell,
    so that there is no result yet.
    """

    cell: Cell
    run_id: str
    reused: bool
    failure: str | None = None
    accuracy: float | None = None
    elsewhere: bool = False


@dataclass(frozen=True)
class CellJob:
    """One cell, and its identity as the process that runs the study knows it."""

    cell: Cell
    identity: str


@dataclass(frozen=True)
class CellWork:
    """What is done with a cell, in the process that has the study's run open or in any other: plain data.

    Attributes:
        study: the study.
        data: its datasets.
        parent: id of the study's run.
        experiment_id: id of that run's experiment.
        claims: where claims are kept, as :func:`fer.claims.claims_address` takes it.
        waits: whether a cell that another process is computing is waited for, or returned as ``elsewhere``.

    """

    study: StudyFile
    data: StudyData
    parent: str
    experiment_id: str
    claims: str
    waits: bool = False

    def __call__(self, job: CellJob) -> Outcome:
        """Return the cell's outcome; raises InputError if there is no server, and if this code is not the study's."""
        if cell_identity(job.cell, self.data) != job.identity:
            raise InputError(
                "a worker has another version of this project, of Keras, NumPy or the backend than the process that "
                "runs the study; install the same on all machines."
            )
        if not is_open():
            connect()
        store = open_claims(claims_address(self.claims, tracking_address()))
        claim = store.take(job.identity)
        if claim is None and not self.waits:
            return Outcome(job.cell, "", reused=False, elsewhere=True)
        with _held(store, job.identity, claim) as held:
            known = taken_over(job.cell, self.data, self.experiment_id)
            if known is not None:
                return known
            # Whoever began it, and did not finish it, is gone.
            within = None if store.spans_machines else self.parent
            end_runs_of(job.identity, self.experiment_id, within)
            return _computed(self, job, store, held)


def taken_over(cell: Cell, data: StudyData, experiment_id: str | None = None) -> Outcome | None:
    """Return the outcome of a cell that has a finished run in the experiment (by default the open run's), or None."""
    done = reusable_run(
        lambda code: cell_identity(cell, data, code), names.CELL_STAGE, evaluation_versions, experiment_id
    )
    if done is None:
        return None
    return Outcome(cell, done.info.run_id, reused=True, accuracy=done.data.metrics.get(_ACCURACY))


def lost_cell(job: CellJob, reason: str) -> Outcome:
    """Return the outcome of a cell whose worker was lost each time."""
    return Outcome(job.cell, "", reused=False, failure=reason)


def in_order(cells: Sequence[Cell]) -> list[Cell]:
    """Return cells so that those next to each other need different trainings, for workers that run side by side.

    A cell that needs a training which one before it is doing comes after all that do not.
    """
    waiting, ordered, done = list(cells), [], set[Training]()
    while waiting:
        begun, later = set[Training](), []
        for cell in waiting:
            needed = set(stages_in(cell.training)) - done
            if needed & begun:
                later.append(cell)
            else:
                begun |= needed
                ordered.append(cell)
        done |= begun
        waiting = later
    return ordered


def is_ensemble(cell: Cell) -> bool:
    """Return whether a cell tests an ensemble, which needs the models of other cells."""
    return isinstance(cell.training, Ensemble)


@contextmanager
def _held(store: ClaimStore, identity: str, claim: Claim | None) -> Iterator[Claim]:
    if claim is None:
        with held(store, identity) as taken:
            yield taken
    else:
        try:
            yield claim
        finally:
            claim.release()


def _computed(work: CellWork, job: CellJob, store: ClaimStore, claim: Claim) -> Outcome:
    study, cell, data = work.study, job.cell, work.data
    tags = {
        names.STUDY: study.name,
        names.CELL: job.identity,
        names.IDENTITY: job.identity,
        names.RECIPE: experiment_identity(cell, data),
        names.EXPERIMENT: cell.experiment,
        names.POSITION: cell.position,
        names.TRAINING_TITLE: cell.training_title,
    }
    run_id = ""
    try:
        given = {
            **cell_parameters(cell),
            **{f"{role}_digest": digest[:12] for role, digest in cell_data(cell, data).items()},
        }
        above = None if is_open() else work.parent
        with open_run(names.CELL_STAGE, run_name(study, cell), given, tags, parent=above) as run, beating():
            run_id = run.info.run_id
            metrics = cell_steps(study, cell, data, store)
            log_record(Record(metrics={**metrics, names.PEAK_MEMORY: _peak_memory()}))
            claim.check()
    except InputError as error:
        if isinstance(error, NoAnswer):
            connect()  # Without a server no other cell can run either: the study ends.
        return Outcome(cell, run_id, reused=False, failure=str(error))
    except Exception as error:
        # The cell's run has the reason; one failed cell must not stop the others.
        return Outcome(cell, run_id, reused=False, failure=redacted(f"{type(error).__name__}: {error}"))
    return Outcome(cell, run_id, reused=False, accuracy=metrics.get(_ACCURACY))


def _peak_memory() -> float:
    """Return the largest memory that this process has had so far, in GB."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most * (1024 if _KILOBYTES else 1) / 1e9
