"""What has no room in memory is refused before it is taken."""

import pytest

from fer.data.balancing import make_balanced
from fer.sources import SOURCES, parse_options
from fer.storage import memory
from fer.storage.memory import free_memory, refuse_too_large


def test_what_fits_is_let_through_and_what_does_not_is_refused(refused):
    refuse_too_large(1, "a byte", "wait")
    assert free_memory() > 10**7
    with refused("a lot, which takes about 1,000,000.0 GB of memory where", "are free; ask for less."):
        refuse_too_large(10**15, "a lot", "ask for less")


def test_a_containers_limit_counts(tmp_path, monkeypatch):
    (tmp_path / "memory.max").write_text("1234\n")
    monkeypatch.setattr(memory, "_LIMITS", (tmp_path / "absent", tmp_path / "memory.max"))
    assert free_memory() == 1234
    (tmp_path / "memory.max").write_text("max\n")
    assert free_memory() > 1234


@pytest.mark.parametrize(
    "options", [{"train": 10**12}, {"train": 10**9, "size": 224}, {"train": 10, "annotators": 10**12}, {"size": 10**6},
                {"test": 10**18, "frames_per_clip": 10**18}],
)  # fmt: skip
def test_more_drawn_faces_than_memory_holds_are_refused(options, refused, tmp_path):
    with refused("drawn faces of size", "GB of memory", "ask for fewer"):
        SOURCES["synthetic"].read(tmp_path, parse_options("synthetic", options))


@pytest.mark.parametrize("target", ["total=100000000000", "99999999999", "{sad: 10000000000000000000}"])
@pytest.mark.parametrize("method", ["augment", "smote"])
def test_more_made_faces_than_memory_holds_are_refused(pack, tmp_path, refused, target, method):
    with refused("made faces", "GB of memory", "lower the target"):
        make_balanced(pack(), tmp_path / "made", method, target)
    assert not (tmp_path / "made").exists()
