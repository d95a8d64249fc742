"""Folders are whole or absent."""

import pytest

from fer.storage import atomic_folder


def test_a_folder_appears_only_when_the_block_has_ended(tmp_path):
    target = tmp_path / "deep" / "target"
    with atomic_folder(target) as partial:
        (partial / "file").write_text("content")
        assert not target.exists()
        assert partial.parent == target.parent
    assert (target / "file").read_text() == "content"
    assert [path.name for path in target.parent.iterdir()] == ["target"]


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_a_block_that_raises_leaves_nothing(tmp_path, error):
    with pytest.raises(error), atomic_folder(tmp_path / "target") as partial:
        (partial / "file").write_text("content")
        raise error
    assert list(tmp_path.iterdir()) == []


def test_an_existing_target_is_refused_before_any_work(tmp_path, refused):
    (tmp_path / "target").mkdir()
    (tmp_path / "target" / "old").write_text("kept")
    with refused(str(tmp_path / "target"), "exists already", "remove"), atomic_folder(tmp_path / "target"):
        pytest.fail("the block must not run")
    assert (tmp_path / "target" / "old").read_text() == "kept"
    assert len(list(tmp_path.iterdir())) == 1


def test_what_an_earlier_attempt_of_this_process_left_is_cleared(tmp_path):
    with atomic_folder(tmp_path / "target") as partial:
        left = partial
    (tmp_path / "target").rename(left)
    (left / "old").write_text("stale")
    with atomic_folder(tmp_path / "target"):
        pass
    assert list((tmp_path / "target").iterdir()) == []
