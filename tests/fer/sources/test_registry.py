"""Every registered source: its options are checked, its folder is asked for, its listing keeps the contract."""

from pathlib import Path

import pytest

from fer.preprocessing import Recipe, preprocess
from fer.sources import SOURCES, parse_options, source_named
from fer.sources.listing import Listing, rejections

FOLDERS = [name for name, source in SOURCES.items() if source.needs_folder]


def test_an_unknown_source_is_refused_with_the_known_ones(refused):
    with refused("'affectnet'", ", ".join(SOURCES)):
        source_named("affectnet")


@pytest.mark.parametrize("name", SOURCES)
def test_an_unknown_option_is_refused_with_the_known_ones(name, refused):
    with refused(f"source {name}", "'colour'", *SOURCES[name].options.model_fields):
        parse_options(name, {"colour": "red"})


@pytest.mark.parametrize("name", SOURCES)
def test_every_option_has_a_default_and_stays_as_it_is(name):
    options = parse_options(name, {})
    assert isinstance(options, SOURCES[name].options)
    assert parse_options(name, options.model_dump()) == options
    with pytest.raises(ValueError, match="frozen"):
        options.anything = 1


@pytest.mark.parametrize("name", FOLDERS)
def test_missing_and_empty_folders_are_refused(name, tmp_path, refused):
    read, options = SOURCES[name].read, parse_options(name, {})
    with refused(name, str(tmp_path / "absent"), "there is no folder"):
        read(tmp_path / "absent", options)
    (tmp_path / "empty").mkdir()
    with refused(name, str(tmp_path / "empty"), "is empty"):
        read(tmp_path / "empty", options)
    with refused(name, "raw="):
        preprocess(Recipe(name), tmp_path / "out")


@pytest.mark.parametrize("name", [name for name in SOURCES if name not in FOLDERS])
def test_a_source_without_a_folder_lists_faces_that_can_be_read(name):
    listing = SOURCES[name].read(Path("nowhere"), parse_options(name, {"train": 8, "validation": 4, "test": 4}))
    assert isinstance(listing, Listing)
    assert len(listing.samples) == 16
    assert listing.read(15).shape == (48, 48)


def test_a_drawn_source_refuses_dials_that_do_not_fit(refused):
    with refused("source synthetic", "'train'"):
        parse_options("synthetic", {"train": "many"})
    with refused("shares"):
        SOURCES["synthetic"].read(Path(), parse_options("synthetic", {"groups": ["a", "b"], "shares": [1]}))


def test_a_part_of_a_listing_reads_its_own_images():
    whole = SOURCES["synthetic"].read(Path(), parse_options("synthetic", {"train": 6, "validation": 2, "test": 2}))
    part = whole.take([7, 2])
    assert part.samples["sample_id"].tolist() == whole.samples["sample_id"].iloc[[7, 2]].tolist()
    assert part.read(1).tobytes() == whole.read(2).tobytes() != whole.read(7).tobytes()
    assert list(rejections([]).columns) == ["file", "reason"]
