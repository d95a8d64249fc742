"""Distribute the rows of a listing over worker processes, show progress, and resume a killed run."""

import hashlib
import json
import os
import shutil
import time
from concurrent.futures import FIRST_EXCEPTION, wait
from contextlib import suppress
from pathlib import Path

import cloudpickle
import numpy as np
from loky import cpu_count
from loky.process_executor import ProcessPoolExecutor, TerminatedWorkerError
from tqdm import tqdm

from fer.errors import InputError
from fer.launching import Launcher
from fer.preprocessing.extraction import worker
from fer.preprocessing.extraction.finder import Finder
from fer.preprocessing.extraction.launched import run_launched
from fer.preprocessing.extraction.results import RECORDS_FILE, Extraction, gather
from fer.sources.listing import Listing
from fer.storage.folders import writable

_IMAGES_A_UNIT = 256
_LOOK_EVERY = 0.5


def extract(
    listing: Listing,
    finder: Finder,
    work: Path,
    workers: int | None = None,
    title: str = "",
    launcher: Launcher | None = None,
) -> Extraction:
    """Detect the face of every row; return the outcome of each.

    ``work`` keeps finished units (videos, or blocks of images): a run that was killed and is started again
    with the same ``work`` does only what is missing. The caller names it by everything that determines the result
    and removes it when the faces are packed. ``workers``: processes; None: as many as there are cores or
    units, whichever is fewer. A ``launcher`` searches videos instead of these, images not. Raises InputError for a
    detector that cannot be opened and for workers that are killed (usually for lack of memory).
    """
    finder.check()
    units = _units(listing)
    writable(work)
    progress = work / "progress.npy"
    missing = {name: positions for name, positions in units.items() if not (work / name / RECORDS_FILE).is_file()}
    done = sum(len(positions) for name, positions in units.items() if name not in missing)
    if missing:
        np.save(progress, np.zeros(len(units), dtype=np.int64))
        bar = tqdm(total=len(listing.samples), initial=done, desc=f"finding faces in {title}", unit="row", disable=None)
        with bar:
            if launcher is None or listing.regions is None:
                _run(listing, finder, work, missing, list(units), workers or cpu_count(), bar)
            else:
                run_launched(listing.regions, finder, work, missing, launcher, bar)
    try:
        return gather(work, units)
    except (OSError, ValueError, KeyError) as error:
        raise InputError(
            f"the faces found so far in {work} are damaged ({str(error).splitlines()[0]}); remove that folder and "
            "start again."
        ) from error


def _run(
    listing: Listing,
    finder: Finder,
    work: Path,
    missing: dict[str, np.ndarray],
    order: list[str],
    cores: int,
    bar: tqdm,
) -> None:
    processes = min(cores, len(missing))
    # Not the standard library's pool: it imports the user's script again in every worker, and with it
    # TensorFlow, which must not be loaded with torch. Fresh workers each time, for the same reason.
    task = work / "task.pickle"
    task.write_bytes(cloudpickle.dumps((listing, finder)))
    # By a file and not through the pipe, which would delay the start of each process until the previous one has read
    # it.
    pool = ProcessPoolExecutor(
        max_workers=processes,
        initializer=worker.start,
        initargs=(task, max(1, cores // processes), work / "progress.npy", os.getpid()),
    )
    counts = np.load(work / "progress.npy", mmap_mode="r")
    before = bar.n
    try:
        # The longest first, so that no core waits for a late one.
        longest = sorted(missing, key=lambda name: -len(missing[name]))
        jobs = {pool.submit(worker.run, order.index(name), missing[name], work / name) for name in longest}
        while jobs:
            finished, jobs = wait(jobs, timeout=_LOOK_EVERY, return_when=FIRST_EXCEPTION)
            bar.update(before + int(counts.sum()) - bar.n)
            for job in finished:
                job.result()
    except TerminatedWorkerError as error:
        raise InputError(
            f"a worker process was killed, usually for lack of memory; start again with fewer workers than "
            f"{processes}: finished videos are not done again."
        ) from error
    finally:
        pool.shutdown(kill_workers=True)


def _units(listing: Listing) -> dict[str, np.ndarray]:
    """Return positions by unit name: one unit per video or block of images; the same listing gives the same units."""
    positions = np.arange(len(listing.samples))
    if listing.regions is None:
        blocks = [positions[start : start + _IMAGES_A_UNIT] for start in range(0, len(positions), _IMAGES_A_UNIT)]
    else:
        codes = listing.regions["file"].factorize()[0]
        blocks = [positions[codes == code] for code in range(codes.max() + 1)] if len(codes) else []
    return {f"unit_{number:05d}": block for number, block in enumerate(blocks)}


def work_folder(cache: Path, facts: dict[str, object]) -> Path:
    """Return the folder that belongs to these facts (recipe, files, code) and to no others."""
    digest = hashlib.sha256(json.dumps(facts, sort_keys=True, default=str).encode()).hexdigest()
    return cache / "preprocess" / digest[:24]


def prune(cache: Path, days: float) -> None:
    """Remove unfinished work that was not used for so many days."""
    for work in (cache / "preprocess").glob("*"):
        if time.time() - max(map(_touched, [work, *work.glob("*")])) > days * 86400:
            if work.is_dir():
                shutil.rmtree(work, ignore_errors=True)
            else:
                with suppress(OSError):
                    work.unlink()


def _touched(path: Path) -> float:
    try:
        return path.lstat().st_mtime
    except OSError:  # Another process has just removed it: somebody works here.
        return time.time()


def remove(work: Path) -> None:
    """Remove the finished units, once they are packed."""
    shutil.rmtree(work, ignore_errors=True)
