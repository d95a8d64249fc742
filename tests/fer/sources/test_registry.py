"""Every registered source: its options are checked, its folder is asked for, its listing keeps the contract."""

import functools
from pathlib import Path

import pandas as pd
import pytest

from fer.data.emotions import EMOTIONS
from fer.data.labels import DROP, harmonise
from fer.data.splitting import RULES
from fer.preprocessing.pipeline import Recipe, preprocess
from fer.sources import SOURCES, parse_options, source_named
from fer.sources.listing import Listing, rejections

FOLDERS = [name for name, source in SOURCES.items() if source.needs_folder]
# A tree of images by source, each face at home in it; a declared layout brings its own example.
EXAMPLES = {
    "fer2013": ["train/angry/Training_1.png", "test/sad/PrivateTest_2.png"],
    "sfew": ["Train_Aligned_Faces/Angry/Film_01_02.png", "Val_Aligned_Faces_new/Sad/Film_03_04.png"],
    "affectnet": ["anger/image0000006.png", "7/image0000007.png"],
    "rafdb": ["train/1/train_00001_aligned.png", "test/7/test_0001_aligned.png"],
    "by_dataset": ["CK_Angry/S010_004_00000017.png", "FACES_Happy/004_o_m_h_a.png"],
}
EXAMPLES |= {
    name: [source.read.args[0].example]
    for name, source in SOURCES.items()
    if isinstance(source.read, functools.partial)
}
# These cannot be found by paths alone: their own tests make them.
MADE_ELSEWHERE = {"eila", "eila_videos", "ferplus", "table"}


def test_an_unknown_source_is_refused_with_the_known_ones(refused):
    with refused("'faceland'", ", ".join(SOURCES)):
        source_named("faceland")


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


@pytest.mark.parametrize("name", sorted(set(FOLDERS) - MADE_ELSEWHERE))
def test_a_source_lists_its_faces_and_its_words_are_emotions(name, tmp_path, png_tree):
    for path in EXAMPLES[name]:
        png_tree(tmp_path, {str(Path(path).parent): [Path(path).name]})
    source = SOURCES[name]
    listing = source.read(tmp_path, parse_options(name, {}))
    assert listing.rejected.empty
    assert len(listing.samples) == len(EXAMPLES[name])
    assert listing.samples["sample_id"].is_unique
    assert listing.read(0).shape == (48, 48) and (listing.regions is not None) == source.videos
    kept = harmonise(listing.samples, source.words)
    assert len(kept.labels) + len(kept.dropped) == len(listing.samples)
    assert set(kept.labels) <= set(EMOTIONS)


@pytest.mark.parametrize("name", SOURCES)
def test_declared_words_lead_to_an_emotion_or_are_dropped_and_the_split_rule_exists(name):
    source = SOURCES[name]
    assert source.splits in RULES
    for word in source.words:
        faces = pd.DataFrame({"label": [word, "happy"]})
        kept = harmonise(faces, source.words)
        assert set(kept.labels) <= set(EMOTIONS)
        assert set(kept.dropped["reason"]) <= {
            f"label {dropped} dropped" for dropped, to in source.words.items() if to == DROP
        }


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
    assert list(rejections([]).columns) == ["file", "kind", "reason"]
