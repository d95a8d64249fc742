"""Find the faces of videos by a launcher: one video per job, in whatever process or on whatever machine that runs.

A worker that sees the folder of the process that started it writes there; any other sends the faces back. It refuses
to work with another version of this project, of a library or of the detector's weights, and on a video of
another size: its faces would be others.
"""

import os
import secrets
import socket
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
from loky import cpu_count
from tqdm import tqdm

from fer.detectors import Detector, weights_digest
from fer.errors import InputError
from fer.identity import code_version
from fer.launching import Launcher
from fer.preprocessing.extraction.finder import Finder
from fer.preprocessing.extraction.results import RECORDS_FILE
from fer.preprocessing.extraction.worker import looks_in_video, write_unit
from fer.storage.folders import atomic_folder

_TOKEN_FILE = "shared"
_THREADS = "OMP_NUM_THREADS"  # Set by every launcher that starts processes.
_SECONDS_UNTIL_SEEN = 90.0


@dataclass(frozen=True)
class VideoJob:
    """The rows of one video.

    Attributes:
        name: of the unit.
        positions: of its rows in the listing, int (n,).
        regions: of its rows, see :class:`fer.sources.listing.Listing`, with the absolute path of the video.
        size: of the video in bytes, None if it cannot be read where the work was started.

    """

    name: str
    positions: np.ndarray
    regions: pd.DataFrame
    size: int | None


@dataclass(frozen=True)
class FoundInVideo:
    """What has become of a job.

    Attributes:
        name: of the unit.
        rows: how many it has.
        files: the unit's files by name, None if they lie in the folder already.
        lost: why there is no unit, None if there is one.

    """

    name: str
    rows: int
    files: Mapping[str, bytes] | None = None
    lost: str | None = None


@dataclass(frozen=True)
class VideoWork:
    """What is done with a video: plain data. ``token`` is in a file of ``folder``, by which a worker knows it."""

    finder: Finder
    folder: Path
    token: str
    versions: Mapping[str, str | None]

    def __call__(self, job: VideoJob) -> FoundInVideo:
        """Make the unit; raises InputError if this machine's code, weights or video are not those of the caller."""
        video = Path(job.regions["file"].iloc[0])
        if _size(video) != job.size:
            raise InputError(
                f"{socket.gethostname()} does not see the video {video}, or another one in its place; keep the raw "
                "data in a folder that all machines see under this path."
            )
        detector = _detector(self.finder, self.versions)
        threads = _threads()
        cv2.setNumThreads(threads)
        looks = looks_in_video(job.regions, job.positions, threads)
        if _token(self.folder) == self.token:
            place = self.folder / job.name
            if not _is_made(place):
                with _unless_made(place):
                    write_unit(place, looks, job.positions, self.finder, detector)
            return FoundInVideo(job.name, len(job.positions))
        with tempfile.TemporaryDirectory() as scratch:
            place = Path(scratch) / job.name
            write_unit(place, looks, job.positions, self.finder, detector)
            return FoundInVideo(
                job.name, len(job.positions), {file.name: file.read_bytes() for file in place.iterdir()}
            )


def run_launched(
    regions: pd.DataFrame, finder: Finder, work: Path, missing: Mapping[str, np.ndarray], launcher: Launcher, bar: tqdm
) -> None:
    """Make the units of these videos in ``work``, the longest first; ``bar`` advances by the rows of each.

    ``regions`` are the listing's, ``missing`` the positions of each unit in it.

    Raises InputError if a worker refuses to work, and, once the others are made, if any was lost each time.
    """
    token = secrets.token_hex(16)
    (work / _TOKEN_FILE).write_text(token, encoding="utf-8")
    longest = sorted(missing, key=lambda name: -len(missing[name]))
    jobs = [_job(regions, name, missing[name]) for name in longest]
    unmade: list[str] = []

    def ended(found: FoundInVideo) -> None:
        if found.lost is not None:
            unmade.append(found.lost)
            return
        if found.files is None:
            _wait_for(work / found.name)
        else:
            _keep(work / found.name, found.files)
        bar.update(found.rows)

    def lost(job: VideoJob, reason: str) -> FoundInVideo:
        return FoundInVideo(job.name, len(job.positions), lost=reason)

    try:
        launcher(jobs, VideoWork(finder, work.absolute(), token, versions_of(finder)), lambda _: None, ended, lost)
    finally:
        _opened.clear()  # A launcher that uses this process has opened the detector here.
    if unmade:
        raise InputError(
            f"{len(unmade)} of {len(jobs)} videos were not searched, as their workers were lost "
            f"({unmade[0].rstrip('.')}); the others are kept: give the same command again."
        )


def versions_of(finder: Finder) -> dict[str, str | None]:
    """Return what must be the same on two machines for the same faces: the code, libraries, and weights by digest."""
    return {
        "code": code_version(),
        "weights": weights_digest(finder.detector, finder.options),
        **finder.libraries(),
    }


def _threads() -> int:
    """Return how many threads this process may use; the variable may list some for each level of nesting."""
    given = os.environ.get(_THREADS, "").split(",")[0].strip()
    return int(given) if given.isdecimal() and int(given) else cpu_count()


_opened: list[tuple[Finder, Detector]] = []


def _detector(finder: Finder, versions: Mapping[str, str | None]) -> Detector:
    """Return the detector, which a process opens once for all its videos."""
    if not _opened or _opened[0][0] != finder:
        own = versions_of(finder)
        differs = [name for name, version in versions.items() if own.get(name) != version]
        if differs:
            raise InputError(
                f"{socket.gethostname()} has another version of {differs[0]} than the process that started the work; "
                "install the same on all machines."
            )
        _opened[:] = [(finder, finder.open())]
    return _opened[0][1]


def _job(regions: pd.DataFrame, name: str, positions: np.ndarray) -> VideoJob:
    own = regions.iloc[positions].reset_index(drop=True)
    video = Path(own["file"].iloc[0]).absolute()
    return VideoJob(name, positions, own.assign(file=str(video)), _size(video))


def _size(video: Path) -> int | None:
    try:
        return video.stat().st_size
    except OSError:
        return None


def _token(folder: Path) -> str | None:
    try:
        return (folder / _TOKEN_FILE).read_text(encoding="utf-8")
    except OSError:
        return None


def _is_made(place: Path) -> bool:
    return (place / RECORDS_FILE).is_file()


def _wait_for(place: Path) -> None:
    """Wait until a unit that another machine has made is seen here: network file systems cache folders."""
    end = time.monotonic() + _SECONDS_UNTIL_SEEN
    # Listing a folder, and not asking for a file, makes them look again.
    while place.name not in os.listdir(place.parent) or RECORDS_FILE not in os.listdir(place):
        if time.monotonic() > end:
            raise InputError(
                f"{place}, which a worker has written, is not seen here; give each machine a FER_CACHE of its own."
            )
        time.sleep(0.5)


@contextmanager
def _unless_made(place: Path) -> Iterator[None]:
    """Ignore an error of the block if another process has made the unit: a job that was taken for lost may go on."""
    try:
        yield
    except (OSError, InputError):
        if not _is_made(place):
            raise


def _keep(place: Path, files: Mapping[str, bytes]) -> None:
    """Write the files of a unit that was sent."""
    if not _is_made(place):
        with _unless_made(place), atomic_folder(place) as partial:
            for name, content in files.items():
                (partial / name).write_bytes(content)
