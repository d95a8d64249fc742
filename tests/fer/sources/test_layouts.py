"""Layouts: what paths say becomes columns; what does not fit is rejected with a reason, never guessed."""

import pytest

from fer.data.labels import harmonise
from fer.data.splitting import assign_splits, auto_rule
from fer.sources import SOURCES, parse_options
from fer.sources.layouts import image_paths


@pytest.fixture
def listed(tmp_path, png_tree):
    """Return a maker of listings: ``listed("ckplus", {folder: [file, ...]}, **options)``."""

    def make(name, tree, **options):
        png_tree(tmp_path, tree)
        return SOURCES[name].read(tmp_path, parse_options(name, options))

    return make


def row(listing, sample_id):
    return listing.samples.set_index("sample_id").loc[sample_id].to_dict()


def labels(listing, name, **arguments):
    return harmonise(listing.samples, SOURCES[name].words, **arguments).labels


def test_ckplus_knows_person_recording_and_frame(listed):
    listing = listed("ckplus", {"anger": ["S010_004_00000017.png"], "contempt": ["S138_008_00000007.png"]})
    assert row(listing, "anger/S010_004_00000017.png") == {
        "label": "anger", "person": "S010", "clip": "S010_004", "frame": 17, "age_group": "adults",
    }  # fmt: skip
    kept = harmonise(listing.samples, SOURCES["ckplus"].words)
    assert kept.labels == ["angry"]
    assert kept.dropped["reason"].tolist() == ["label contempt dropped"]
    assert auto_rule(listing.samples, SOURCES["ckplus"].splits) == "person"


def test_jaffe_knows_person_and_words(listed):
    files = [f"KA.{word}1.{number}.tiff" for number, word in enumerate(("AN", "DI", "FE", "HA", "NE", "SA", "SU"))]
    listing = listed("jaffe", {".": files})
    assert sorted(labels(listing, "jaffe")) == ["angry", "disgust", "fear", "happy", "neutral", "sad", "surprise"]
    assert row(listing, "KA.HA1.3.tiff") == {"label": "HA", "person": "KA", "gender": "female"}
    assert labels(listing, "jaffe")[listing.samples["sample_id"].tolist().index("KA.SU1.6.tiff")] == "surprise"


@pytest.mark.parametrize("name", ["ckplus", "jaffe", "tree", "affectnet", "rafdb", "by_dataset"])
def test_paths_of_another_kind_are_rejected_and_other_files_ignored(name, listed, tmp_path):
    example = {
        "by_dataset": "CK_Angry/a.png",
        "affectnet": "anger/a.png",
        "rafdb": "train/1/a.png",
        "ckplus": "anger/S010_004_00000017.png",
        "jaffe": "KA.AN1.39.tiff",
        "tree": "anger/a.png",
    }[name]
    folder, _, file = example.rpartition("/")
    (tmp_path / ".hidden").mkdir()
    for path in ("notes.txt", "Thumbs.db", ".hidden/a.png"):
        (tmp_path / path).touch()
    listing = listed(name, {folder or ".": [file, ".b.png"], "a/b/c/d": ["stray.png"]})
    assert listing.samples["sample_id"].tolist() == [example]
    assert listing.rejected["file"].tolist() == ["a/b/c/d/stray.png"]
    assert "its path is not like" in listing.rejected["reason"][0]


@pytest.mark.parametrize("name", ["tree", "affectnet"])
def test_a_tree_may_begin_with_splits(name, listed):
    listing = listed(name, {"train/anger": ["a.png"], "val/Anger": ["a.png"], "TEST/happy": ["a.png", "b.png"]})
    assert dict(zip(listing.samples["sample_id"], listing.samples["split"], strict=True)) == {
        "TEST/happy/a.png": "test",
        "TEST/happy/b.png": "test",
        "train/anger/a.png": "train",
        "val/Anger/a.png": "validation",
    }
    assert auto_rule(listing.samples, SOURCES[name].splits) == "given"


@pytest.mark.parametrize("name", ["tree", "affectnet"])
def test_a_tree_without_splits_is_drawn_and_images_in_a_splits_folder_are_rejected(name, listed):
    listing = listed(name, {"anger": ["a.png"], "train": ["loose.png"]})
    assert "split" not in listing.samples
    assert auto_rule(listing.samples, SOURCES[name].splits) == "stratified"
    assert listing.rejected["file"].tolist() == ["train/loose.png"]


def test_affectnets_numbers_and_words_mean_the_same(listed):
    words = ("neutral", "happy", "sad", "surprise", "fear", "disgust", "anger", "contempt")
    listing = listed("affectnet", {place: ["a.png"] for place in (*words, *map(str, range(8)))})
    kept = harmonise(listing.samples, SOURCES["affectnet"].words)
    meaning = dict(zip(listing.samples["label"].iloc[kept.positions], kept.labels, strict=True))
    assert len(meaning) == 14
    assert all(meaning[str(number)] == meaning[word] for number, word in enumerate(words[:7]))
    assert kept.dropped["reason"].tolist() == ["label contempt dropped"] * 2
    again = labels(listing, "affectnet", labels={"contempt": "disgust"})
    assert (len(again), again.count("disgust")) == (16, 4)


def test_affectnets_table_may_disagree_with_its_folders(listed, tmp_path):
    rows = [
        ",pth,label,relFCs",
        "0,anger/a.png,surprise,0.87",
        "1,anger/gone.png,anger,0.9",
        "2,train/fear/b.png,fear,",
    ]
    (tmp_path / "labels.csv").write_text("\n".join(rows))
    tree = {"anger": ["a.png", "unnamed.png"], "train/fear": ["b.png"]}
    listing = listed("affectnet", tree, labels_from="table")
    assert row(listing, "anger/a.png")["label"] == "surprise"
    assert row(listing, "anger/a.png")["relfcs"] == pytest.approx(0.87)
    assert listing.samples.set_index("sample_id")["relfcs"].isna().to_dict() == {
        "anger/a.png": False,
        "train/fear/b.png": True,
    }
    assert listing.samples.set_index("sample_id")["split"].dropna().to_dict() == {"train/fear/b.png": "train"}
    assert listing.rejected.set_index("file")["kind"].to_dict() == {
        "anger/gone.png": "file missing",
        "anger/unnamed.png": "not in the table",
    }
    by_folder = listed("affectnet", {})
    assert row(by_folder, "anger/a.png")["label"] == "anger"
    assert len(by_folder.samples) == 3


def test_affectnets_table_must_be_there_to_count(listed, refused):
    with refused("labels.csv", "labels_from=folder"):
        listed("affectnet", {"anger": ["a.png"]}, labels_from="table")


@pytest.mark.parametrize("below", ["", "DATASET/"])
def test_rafdb_from_kaggle(below, listed):
    listing = listed("rafdb", {f"{below}train/{n}": [f"train_0000{n}_aligned.jpg"] for n in range(1, 8)}
                     | {f"{below}test/4": ["test_0001_aligned.jpg"]})  # fmt: skip
    assert listing.samples["split"].value_counts().to_dict() == {"train": 7, "test": 1}
    meaning = dict(zip(listing.samples["label"], labels(listing, "rafdb"), strict=True))
    assert meaning == {
        "1": "surprise", "2": "fear", "3": "disgust", "4": "happy", "5": "sad", "6": "angry", "7": "neutral",
    }  # fmt: skip


@pytest.fixture
def official(tmp_path):
    """Write RAF-DB's label file and the attributes of two faces, one of them damaged."""
    (tmp_path / "EmoLabel").mkdir()
    lines = [f"train_0000{number}.jpg {number}" for number in range(1, 5)] + [
        "test_0001.jpg 4",
        "train_00009.jpg 9",
        "",
    ]
    (tmp_path / "EmoLabel/list_patition_label.txt").write_text("\n".join(lines))
    manual = tmp_path / "Annotation/manual"
    manual.mkdir(parents=True)
    landmarks = "\n".join(["56.5\t91.25"] * 5)
    (manual / "train_00001_manu_attri.txt").write_text(f"{landmarks}\n1\n2\n3\n")
    (manual / "train_00002_manu_attri.txt").write_text(f"{landmarks}\n2\n0\n0\n")
    (manual / "train_00003_manu_attri.txt").write_text(f"{landmarks}\n1\n7\n3\n")
    return [f"train_0000{number}_aligned.jpg" for number in (1, 2, 3, 8)] + ["test_0001_aligned.jpg"]


def test_rafdb_as_released_has_attributes(official, listed):
    listing = listed("rafdb", {"Image/aligned": official, "Image/original": ["train_00001.jpg"]})
    samples = listing.samples.set_index("sample_id")
    first = samples.loc["Image/aligned/train_00001_aligned.jpg"]
    assert first[["label", "split", "gender", "race", "age_group"]].tolist() == [
        "1",
        "train",
        "female",
        "asian",
        "40-69",
    ]
    second = samples.loc["Image/aligned/train_00002_aligned.jpg"]
    assert second[["race", "age_group"]].tolist() == ["caucasian", "0-3"]
    assert samples["gender"].isna().to_list() == [False, True, True]
    assert samples.loc["Image/aligned/test_0001_aligned.jpg", "split"] == "test"
    assert listing.rejected.set_index("file")["kind"].to_dict() == {
        "Image/aligned/train_00003_aligned.jpg": "bad attributes",
        "Image/aligned/train_00004_aligned.jpg": "file missing",
        "list_patition_label.txt line 6": "bad row",
        "Image/aligned/train_00008_aligned.jpg": "no label",
    }
    assert auto_rule(listing.samples, SOURCES["rafdb"].splits) == "given"


@pytest.mark.parametrize("numbers", ["", "1 2 3", "5 " * 9 + "1 2 3", "5 " * 10 + "1 2 3 4", "5 " * 10 + "1 2 x"])
def test_rafdbs_attributes_of_another_form_are_not_guessed_from(official, listed, tmp_path, numbers):
    (tmp_path / "Annotation/manual/train_00001_manu_attri.txt").write_text(numbers)
    listing = listed("rafdb", {"Image/aligned": official[:2]})
    assert listing.samples["sample_id"].tolist() == ["Image/aligned/train_00002_aligned.jpg"]
    assert listing.rejected.set_index("file").loc["Image/aligned/train_00001_aligned.jpg", "kind"] == "bad attributes"


STUDY = {
    "CK_Angry": ["S010_004_00000017.png"],
    "CK_Happy_cropped": ["S010_006_00000014.png"],
    "FACES_Happy": ["004_o_m_h_a.jpg", "140_y_f_h_b.jpg", "066_m_m_h_b.jpg", "portrait.jpg"],
    "MUG_Sad": ["004_sa_001_0110.jpg", "img_0003.jpg"],
    "DEFSS_Sad": ["child.png"],
    "DEFSS18_Sad": ["adult.png"],
    "NIMH-ChEFS_Fear": ["01F.png"],
    "A_Third_Fear": ["a.png"],
}


def test_the_age_studys_folders(listed):
    listing = listed("by_dataset", {**STUDY, "CK_cropped": ["a.png"]})
    assert len(listing.samples) == 11
    assert listing.rejected["file"].tolist() == ["CK_cropped/a.png"]
    columns = ["dataset", "age_group", "person", "clip", "gender"]
    found = listing.samples.astype(object).where(listing.samples.notna(), None).set_index("sample_id")[columns]
    assert found.T.to_dict("list") == {
        "CK_Angry/S010_004_00000017.png": ["ck", "adults", "ck/S010", "ck/S010_004", None],
        "FACES_Happy/004_o_m_h_a.jpg": ["faces", "60+", "faces/004", None, "male"],
        "FACES_Happy/140_y_f_h_b.jpg": ["faces", "adults", "faces/140", None, "female"],
        "FACES_Happy/066_m_m_h_b.jpg": ["faces", "adults", "faces/066", None, "male"],
        "FACES_Happy/portrait.jpg": ["faces", "60+", None, None, None],
        "MUG_Sad/004_sa_001_0110.jpg": ["mug", "adults", "mug/004", "mug/004_sa_001", None],
        "MUG_Sad/img_0003.jpg": ["mug", "adults", None, None, None],
        "DEFSS_Sad/child.png": ["defss", "children", None, None, None],
        "DEFSS18_Sad/adult.png": ["defss18", "adults", None, None, None],
        "NIMH-ChEFS_Fear/01F.png": ["nimh-chefs", "children", None, None, None],
        "A_Third_Fear/a.png": ["a_third", None, None, None, None],
    }


def test_the_age_studys_options(listed, refused):
    cropped = listed("by_dataset", STUDY, cropped=True)
    assert cropped.samples["sample_id"].tolist() == ["CK_Happy_cropped/S010_006_00000014.png"]
    assert cropped.rejected.empty
    chosen = listed("by_dataset", STUDY, datasets=["faces", "DEFSS18"], age_groups={"Faces": "older"})
    assert set(chosen.samples["dataset"]) == {"faces", "defss18"}
    assert set(chosen.samples["age_group"]) == {"older", "adults"}
    with refused("no images of jaffe", "nimh-chefs"):
        listed("by_dataset", {}, datasets=["jaffe", "ck"])
    with refused("no images of faces", "_cropped", "of what it has: ck"):
        listed("by_dataset", {}, datasets=["faces"], cropped=True)


def test_a_folder_without_crops_says_so(listed, refused):
    with refused("_cropped", "set cropped to false"):
        listed("by_dataset", {"CK_Angry": ["a.png"]}, cropped=True)


def test_the_age_study_splits_each_dataset_at_its_ratios(listed):
    tree = {
        f"{name}_{emotion}": [f"{n}.png" for n in range(10)] for name in ("CK", "MUG") for emotion in ("Fear", "Sad")
    }
    samples = listed("by_dataset", tree).samples
    samples["split"] = assign_splits(samples, SOURCES["by_dataset"].splits)
    counts = samples.groupby(["dataset", "label"])["split"].value_counts().unstack()
    assert counts[["train", "validation", "test"]].drop_duplicates().to_numpy().tolist() == [[6, 2, 2]]


def test_images_are_in_the_order_of_their_numbers_and_links_are_followed_once(tmp_path, png_tree):
    png_tree(tmp_path / "raw", {"b": ["f_10.png", "f_9.png"], "a": ["f_11.png", "F_2.PNG"]})
    png_tree(tmp_path / "elsewhere", {".": ["f_1.png"]})
    (tmp_path / "raw" / "linked").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere" / "back").symlink_to(tmp_path / "raw")
    assert image_paths(tmp_path / "raw") == ["a/F_2.PNG", "a/f_11.png", "b/f_9.png", "b/f_10.png", "linked/f_1.png"]


def test_a_line_of_rafdbs_list_costs_one_row_each_and_says_why(tmp_path, png_tree):
    png_tree(tmp_path, {"Image/aligned": [f"train_0000{number}_aligned.jpg" for number in range(1, 7)]})
    lines = [
        "train_00001.jpg 5", "", "train_00001.jpg 5", "train_00002.jpg 8", "train_00003.jpg 4.0",
        "train_00004.jpg\thappiness", "train_00005_aligned.jpg,2", "what is this", "train_00009.jpg 1",
    ]  # fmt: skip
    (tmp_path / "EmoLabel").mkdir()
    (tmp_path / "EmoLabel" / "list_patition_label.txt").write_text("\r\n".join(lines), encoding="utf-16")
    listing = SOURCES["rafdb"].read(tmp_path, parse_options("rafdb", {}))
    assert labels(listing, "rafdb") == ["sad", "happy", "happy", "fear"]
    found = listing.rejected.set_index("file")
    aligned = "Image/aligned/train_0000{}_aligned.jpg".format
    assert found["kind"].to_dict() == {
        aligned(1): "duplicate", aligned(2): "bad row", "list_patition_label.txt line 8": "bad row",
        aligned(9): "file missing", aligned(6): "no label",
    }  # fmt: skip
    assert "line 3 names it again, after line 1" in found.loc[aligned(1), "reason"]
