"""Fixtures shared by several packages: tiny packed datasets, image trees, and the check of error messages."""

import os

# Linear algebra on one thread, here and in the processes that tests start: each core has a process already, and
# threads that wait for each other cost a seventh of the time. Read when NumPy is imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import fcntl
import gc
import pty
import random
import select
import struct
import sys
import termios
from contextlib import contextmanager, redirect_stderr
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import settings
from memory import give_back
from PIL import Image

from fer.data.dataset import write_packed
from fer.data.emotions import EMOTIONS
from fer.detectors.contract import Detections, no_faces
from fer.errors import InputError
from fer.preprocessing.extraction import finder, pool, worker
from fer.sources.rendered_videos import ClipOptions, render_clips

# Read when TensorFlow starts: memory of models that are gone goes back to the system, not into a pool of oneDNN's.
os.environ.setdefault("TF_ONEDNN_USE_SYSTEM_ALLOCATOR", "1")


# An example that takes long on a busy machine is no finding.
settings.register_profile("suite", deadline=None)
settings.load_profile("suite")

# Folders whose tests take longest: they begin, so that processes side by side end together.
_LONGEST = ("pipeline", "training", "models")


def pytest_collection_modifyitems(items):
    """Put what takes longest first."""
    places = {folder: place for place, folder in enumerate(_LONGEST)}
    items.sort(key=lambda item: min((places[part] for part in item.path.parts if part in places), default=9))


def pytest_collection_finish():
    """Spare what was imported from garbage collection: each would go through all of TensorFlow, for nothing."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True, scope="module")
def freed_memory():
    """Give back what the models and frames of a module's tests have taken."""
    yield
    give_back()


@pytest.fixture(autouse=True, scope="module")
def same_weights_in_module():
    """Give networks that a module's shared fixtures build the same weights at each run: Keras draws seeds here."""
    random.seed(0)


@pytest.fixture(autouse=True)
def same_weights(same_weights_in_module):
    """Give networks that a test builds the same weights at each run, whichever tests came before it."""
    random.seed(0)


@pytest.fixture(autouse=True, scope="session")
def own_environment(tmp_path_factory):
    """Keep what tests cache out of the user's own cache; for children, `python` is the interpreter of the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FER_CACHE", str(tmp_path_factory.mktemp("cache")))
        patch.setenv("FER_JOURNAL", str(tmp_path_factory.mktemp("journal")))
        # `mlflow run` starts `python`: without an activated environment that would be another one.
        patch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)
        yield


@pytest.fixture(autouse=True)
def cache(tmp_path):
    """Give each test a cache of its own; return its folder, which is not there yet."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FER_CACHE", str(tmp_path / "cache"))
        patch.setenv("FER_JOURNAL", str(tmp_path / "journal"))
        yield tmp_path / "cache"


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory):
    """Return the file of an empty SQLite store, to be copied: to make one takes seconds."""
    import mlflow

    before = mlflow.get_tracking_uri()
    place = tmp_path_factory.mktemp("store") / "mlflow.db"
    mlflow.set_tracking_uri(f"sqlite:///{place}")
    mlflow.search_experiments()
    mlflow.set_tracking_uri(before)
    return place


@pytest.fixture
def tiny_samples():
    """Return a maker of n samples: emotions in turn, by round a split (half train), a race and a clip."""

    def make(count=56):
        rounds = np.arange(count) // len(EMOTIONS)
        return pd.DataFrame(
            {
                "sample_id": [f"face_{row:03d}" for row in range(count)],
                "label": [EMOTIONS[row % len(EMOTIONS)] for row in range(count)],
                "split": [("train", "validation", "train", "test")[turn % 4] for turn in rounds],
                "race": [("black", "white", "mixed")[turn % 3] for turn in rounds],
                "person": [f"person_{turn // 2}" for turn in rounds],
                "clip": [f"clip_{turn}" for turn in rounds],
            }
        )

    return make


@pytest.fixture
def pack(tmp_path, tiny_samples):
    """Return a maker of packed datasets of random pixels below ``tmp_path``."""

    def make(name="tiny", samples=None, shape=(8, 8), seed=0, folder=None):
        samples = tiny_samples() if samples is None else samples
        faces = np.random.default_rng(seed).integers(0, 256, (len(samples), *shape), dtype=np.uint8)
        return write_packed(folder or tmp_path / name, name, samples, faces, shape, {"made_by": "test"})

    return make


@pytest.fixture
def tiny_faces(pack):
    """Return a packed dataset of 56 random 8x8 gray faces; see ``tiny_samples``."""
    return pack()


@pytest.fixture
def png_tree():
    """Return a maker of PNG files of noise: ``png_tree(folder, {"train/angry": ["a.png", ...]})``, arrays by path."""

    def make(folder, names, size=(48, 48), seed=0):
        stream = np.random.default_rng(seed)
        drawn = {}
        for place, files in names.items():
            (folder / place).mkdir(parents=True, exist_ok=True)
            for file in files:
                drawn[f"{place}/{file}"] = stream.integers(0, 256, size, dtype=np.uint8)
                Image.fromarray(drawn[f"{place}/{file}"]).save(folder / place / file, format="PNG")
        return drawn

    return make


@pytest.fixture(scope="session")
def clips(tmp_path_factory):
    """Return a folder of rendered videos in EiLA's format: 3 videos, 60 annotated faces; not to be changed."""
    folder = tmp_path_factory.mktemp("clips")
    render_clips(folder, ClipOptions(videos=3, shots=2, annotated=5))
    return folder


@pytest.fixture
def refused():
    """Return a context in which an InputError must be raised: one sentence that holds all these words."""

    @contextmanager
    def context(*words):
        with pytest.raises(InputError) as caught:
            yield
        sentence = str(caught.value)
        assert "\n" not in sentence
        assert sentence.endswith(".")
        for word in words:
            assert word in sentence

    return context


@pytest.fixture
def searched(monkeypatch):
    """Detect faces in this process, without workers; return the names of the units searched, in order."""
    units = []

    def run(listing, finder, work, missing, order, cores, bar):
        counts = np.load(work / "progress.npy", mmap_mode="r+")
        state = {"listing": listing, "finder": finder, "threads": 1, "progress": counts}
        monkeypatch.setattr(worker, "_worker", state)
        for name, positions in missing.items():
            units.append(name)
            worker.run(order.index(name), positions, work / name)

    monkeypatch.setattr(pool, "_run", run)
    return units


class BrightImages:
    """A detector that finds a face in every image that is not black."""

    def detect(self, images):
        boxes = [np.array([[0.0, 0.0, image.shape[1], image.shape[0]]]) for image in images]
        found = [Detections(box, np.array([0.8]), None, "bright") for box in boxes]
        return [face if image.any() else no_faces("bright") for face, image in zip(found, images, strict=True)]


@pytest.fixture
def bright(monkeypatch):
    """Replace every detector by one that finds a face (confidence 0.8) in images that are not black; return options."""
    opened = []
    monkeypatch.setattr(finder, "open_detector", lambda name, options: opened.append(options) or BrightImages())
    return opened


@pytest.fixture
def terminal():
    """Return a context in which standard error is a real pseudo-terminal of 200 columns; it gives what that shows."""
    pyte = pytest.importorskip("pyte", reason="pyte, which reads a terminal's screen, is not installed")

    @contextmanager
    def context():
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 200, 0, 0))
        screen = pyte.Screen(200, 40)
        stream = pyte.ByteStream(screen)

        def shown():
            while select.select([master], [], [], 0.1)[0]:
                stream.feed(os.read(master, 65536))
            return [line.rstrip() for line in screen.display if line.strip()]

        # Not in the fixture itself: pytest puts its own standard error back before the test begins.
        with open(slave, "w", buffering=1) as written, redirect_stderr(written):
            yield shown
        os.close(master)

    return context
