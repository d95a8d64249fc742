"""Identity: the same work has the same hash, different work a different one."""

import os

import pytest

from fer import identity as module
from fer.identity import (
    REPRODUCED,
    REPRODUCED_DATASETS,
    REPRODUCED_EVALUATIONS,
    code_version,
    code_versions,
    dataset_versions,
    evaluation_versions,
    files_fingerprint,
    identity,
    results_version,
)


def test_values_are_compared_as_strings_and_order_does_not_matter():
    key = identity({"epochs": 1, "seed": "0"}, {"train": "abc", "test": "def"})
    assert key == identity({"seed": 0, "epochs": "1"}, {"test": "def", "train": "abc"})
    assert len(key) == 16
    int(key, 16)


@pytest.mark.parametrize(
    ("parameters", "data"),
    [({"epochs": 2}, {"train": "abc"}), ({"epoch": 1}, {"train": "abc"}), ({"epochs": 1}, {"train": "abd"}),
     ({"epochs": 1}, {"test": "abc"}), ({"epochs": 1}, {}), ({}, {"train": "abc"})],
)  # fmt: skip
def test_any_other_parameter_or_digest_is_another_identity(parameters, data):
    assert identity(parameters, data) != identity({"epochs": 1}, {"train": "abc"})


def test_other_code_is_another_identity(monkeypatch):
    before = identity({"epochs": 1}, {})
    monkeypatch.setattr(module, "code_version", lambda: "changed")
    assert identity({"epochs": 1}, {}) != before


def test_a_result_is_looked_for_under_this_code_first_then_under_the_latest_that_gave_it(monkeypatch):
    monkeypatch.setattr(module, "code_version", lambda: "now")
    monkeypatch.setattr(module, "REPRODUCED", ("oldest", "old"))
    assert code_versions() == ("now", "old", "oldest")
    assert results_version() == "oldest"
    assert dataset_versions() == ("now",)
    monkeypatch.setattr(module, "REPRODUCED_DATASETS", ("old",))
    assert dataset_versions() == ("now", "old")
    assert evaluation_versions() == ("now",)
    monkeypatch.setattr(module, "REPRODUCED_EVALUATIONS", ("older", "old"))
    assert evaluation_versions() == ("now", "old", "older")
    monkeypatch.setattr(module, "REPRODUCED", ())
    assert code_versions() == ("now",)
    assert results_version() == "now"


def test_an_identity_may_be_asked_for_under_another_version():
    now = identity({"epochs": 1}, {})
    assert identity({"epochs": 1}, {}, code_version()) == now
    assert identity({"epochs": 1}, {}, "earlier") != now


def test_earlier_versions_are_named_by_their_digest():
    assert len(set(REPRODUCED)) == len(REPRODUCED)
    assert set(REPRODUCED_DATASETS) | set(REPRODUCED_EVALUATIONS) <= set(REPRODUCED)
    for code in REPRODUCED:
        assert len(code) == 12
        int(code, 16)


def test_the_code_version_follows_the_files_content(tmp_path, monkeypatch):
    (tmp_path / "room").mkdir()
    source = tmp_path / "room" / "one.py"
    source.write_text("a = 1\n")
    monkeypatch.setattr(module, "__file__", str(tmp_path / "identity.py"))
    fresh = code_version.__wrapped__
    first = fresh()
    (tmp_path / "notes.md").write_text("documentation")
    os.utime(source, (1, 1))
    assert fresh() == first
    source.write_text("a = 2\n")
    assert fresh() != first
    source.write_text("a = 1\n")
    source.rename(tmp_path / "room" / "two.py")
    assert fresh() != first


def test_a_fingerprint_of_files_changes_with_name_size_and_time(tmp_path):
    file = tmp_path / "raw" / "deep" / "a.png"
    file.parent.mkdir(parents=True)
    file.write_text("one")
    os.utime(file, ns=(0, 10))
    first = files_fingerprint(tmp_path / "raw")
    assert files_fingerprint(tmp_path / "raw") == first
    os.utime(file, ns=(0, 11))
    assert files_fingerprint(tmp_path / "raw") != first
    file.write_text("longer")
    os.utime(file, ns=(0, 10))
    assert files_fingerprint(tmp_path / "raw") != first
    file.write_text("one")
    os.utime(file, ns=(0, 10))
    assert files_fingerprint(tmp_path / "raw") == first
    file.rename(file.with_name("b.png"))
    assert files_fingerprint(tmp_path / "raw") != first


def test_a_single_file_and_no_file_have_a_fingerprint(tmp_path):
    (tmp_path / "fer2013.csv").write_text("x")
    assert files_fingerprint(tmp_path / "fer2013.csv") != files_fingerprint(None)
    assert files_fingerprint(None) == files_fingerprint(None)
