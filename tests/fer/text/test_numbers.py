"""Numbers are read as they are written: ASCII digits, no underscores; wherever users give them."""

import pytest

from fer.data.balance_targets import parse_target
from fer.data.mixing import parse_fraction
from fer.sources import parse_options
from fer.study.reading import overrides, parse_limit
from fer.study.schema import DatasetEntry
from fer.text.numbers import check_seed, real, whole
from fer.training.plan import TrainingPlan
from fer.training.trunk_cache.store import DEFAULT_GIGABYTES, GIGABYTE, limit_bytes

NO_NUMBERS = ["٣", "1_0", "²", "３", "", "x", "0x10", "1 0", "--1", "½"]


@pytest.mark.parametrize("text", NO_NUMBERS)
def test_others_are_refused(text):
    for read in (whole, real):
        with pytest.raises(ValueError):
            read(text)


def test_numbers():
    assert [whole(text) for text in ("0", "007", "-15", "+3", " 4 ")] == [0, 7, -15, 3, 4]
    assert [real(text) for text in ("0.5", "1e-3", "-2", "inf")] == [0.5, 0.001, -2.0, float("inf")]
    with pytest.raises(ValueError):
        whole("9" * 10_000)


@pytest.mark.parametrize("text", ["٣", "1_0", "²"])
def test_every_parameter_reads_numbers_so(text, refused, monkeypatch):
    for name in ("epochs", "learning_rate", "dropout", "batch_size", "input_size"):
        with refused(name, repr(text)):
            TrainingPlan(backbone="cnn", **{name: text}).resolve()
    with refused("limit", repr(text)):
        parse_limit(text)
    with refused("seeds", repr(text)):
        overrides({}, None, ["0", text])
    for target in (text, f"total={text}", f"{{happy: '{text}'}}"):
        with refused("target"):
            parse_target(target)
    with refused("fraction"):
        parse_fraction(text)
    monkeypatch.setenv("FER_CACHE_GB", text)
    with refused("FER_CACHE_GB", text):
        limit_bytes()
    with refused("FER_CACHE_GB", text):  # Also for a training that uses no trunk cache.
        TrainingPlan(backbone="cnn").resolve()
    monkeypatch.setenv("FER_CACHE_GB", "")
    assert limit_bytes() == DEFAULT_GIGABYTES * GIGABYTE


@pytest.mark.parametrize("seed", [-1, 2**32, 2**40])
def test_a_seed_that_no_generator_takes(seed, refused):
    with refused(f"seed {seed}", "0..4294967295"):
        check_seed(seed)


@pytest.mark.parametrize("text", ["٣", "1_0", "²", "３"])
def test_options_and_study_files_read_text_for_numbers_so(text, refused):
    for options in ({"train": text}, {"dialect": text}, {"shares": ["1", text, "1"]}):
        with refused("source synthetic, option", repr(text)):
            parse_options("synthetic", options)
    assert parse_options("synthetic", {"train": "70", "groups": ["1_0", "٣", "c"]}).train == 70
    for entry in ({"size": text}, {"limit": text}, {"split_ratios": [text, "0", "0"]}):
        with pytest.raises(ValueError, match="not a number"):
            DatasetEntry(source="synthetic", title=text, **entry)
