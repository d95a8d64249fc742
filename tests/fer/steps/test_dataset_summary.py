"""The record of a new dataset, also as a folder, without a server."""

import json
import subprocess
import sys
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from fer.data.balancing import make_balanced
from fer.data.mixing import integrate
from fer.data.samples import count_table
from fer.errors import FerWarning
from fer.preprocessing.pipeline import Preprocessed
from fer.steps.balancing_record import balancing_record
from fer.steps.dataset_summary import counts_record, mixture_record, preprocessing_record, shared_faces_record
from fer.steps.lost_rows import lost_record
from fer.storage.record_folder import write_record
from fer.tracking import names


def test_a_mixtures_record_counts_its_faces_and_audits_its_splits(pack):
    mixed = integrate(pack("base"), pack("addition", seed=1), Decimal("0.5"), 0)
    found = mixture_record(mixed)
    counts = mixed.samples["split"].value_counts()
    assert {split: found.metrics[f"data/faces/{split}"] for split in counts.index} == counts.to_dict()
    races = mixed.samples["race"].value_counts()
    assert {race: found.metrics[f"data/race/{race}"] for race in races.index} == races.to_dict()
    assert found.metrics["data/clusters/person"] == mixed.samples.groupby("source")["person"].nunique().sum()
    assert found.tables["counts/split.csv"].equals(count_table(mixed.samples))
    assert {"counts/race.csv", "audit/near_duplicates.csv", "audit/shared_between_splits.csv"} <= set(found.tables)
    assert set(found.figures) == {"counts/split.png", "counts/race.png"}
    assert found.tags == {names.DIGEST: mixed.digest, names.DATASET: mixed.name}
    # The tiny datasets give each person two clips, of which the second may be in another split.
    assert any("person" in warning and "split" in warning for warning in found.warnings)
    assert found.description.startswith(f"**{len(mixed)} faces**, 8x8 gray.\n\n**Warning:** ")
    assert all(name.startswith("data/") for name in found.metrics)


def test_groups_of_the_users_own_columns_are_counted_and_drawn(tiny_faces):
    whole = tiny_faces.samples
    count = np.arange(len(whole))
    own = {"skin tone": count % 3, "happy": count % 2, "faces": count % 2, "a/b": count % 15, "id": count}
    columns = {name: [f"g{value}" for value in values] for name, values in own.items()}
    named = replace(tiny_faces, samples=whole.assign(**columns))
    found = counts_record(named)
    plain = counts_record(tiny_faces)
    assert set(plain.metrics.items()) <= set(found.metrics.items()) and set(plain.tables) < set(found.tables)
    assert found.metrics["data/skin tone/g0"] == 19 and found.metrics["data/happy/g1"] == 28
    # Beside the faces by split.
    assert found.metrics["data/column faces/g0"] == 28 and "data/faces/train" in found.metrics
    assert found.metrics["data/a:2f:b/g0"] == 4 and not [name for name in found.metrics if name.startswith("data/id/")]
    happy = found.tables["counts/happy.csv"]
    assert list(happy)[:3] == ["split", "group", "total"] and happy["total"].sum() == len(whole)
    assert list(found.tables["counts/skin tone.csv"])[:2] == ["split", "skin tone"]
    # More than twelve groups are counted and not drawn.
    drawn = set(found.figures) - set(plain.figures)
    assert drawn == {"counts/skin tone.png", "counts/happy.png", "counts/faces.png"}


def test_groups_that_differ_in_a_sign_only_are_counted_apart(tiny_faces):
    races = tiny_faces.samples["race"].replace({"black": "Asian/Pacific", "white": "Asian_Pacific", "mixed": "50%+"})
    lost = pd.DataFrame(
        {"split": "train", "race": ["Asian/Pacific", "Asian_Pacific"], "reason": ["no face", "no/face"]}
    )
    named = replace(tiny_faces, samples=tiny_faces.samples.assign(race=races), lost=lost)
    found = counts_record(named) | lost_record(named)
    counted = races.value_counts()
    assert found.metrics["data/race/Asian:2f:Pacific"] == counted["Asian/Pacific"]
    assert found.metrics["data/race/Asian_Pacific"] == counted["Asian_Pacific"]
    assert found.metrics["data/race/50:25:_plus"] == counted["50%+"]
    assert (
        found.metrics["data/lost_share/race/Asian:2f:Pacific"]
        > 0
        == found.metrics["data/lost_share/race/Asian_Pacific"]
    )
    assert found.metrics["data/lost/no:2f:face"] == found.metrics["data/lost/no face"] == 1


def test_preprocessing_records_what_was_refused_and_what_shares_a_face(pack):
    rejected = pd.DataFrame({"file": ["a.png"], "kind": ["damaged"], "reason": ["it is empty."]})
    shared = pd.DataFrame({"sample_id": ["x", "y"], "label": ["sad", "happy"]})
    found = preprocessing_record(Preprocessed(pack(), rejected, ("two rows were left out.",), shared))
    assert (found.metrics["data/rejected"], found.metrics["data/lost_rows"]) == (1, 0)
    assert found.metrics["data/shared_faces"] == 2
    assert {f"data/sharpness/{split}" for split in ("train", "validation", "test")} <= set(found.metrics)
    assert found.tables["rejected.csv"] is rejected and found.tables["shared_faces.csv"] is shared
    assert found.warnings[0] == "two rows were left out." and "2 rows show a face" in found.warnings[-1]
    assert "faces.png" in found.figures
    assert "two rows were left out." in found.description
    assert shared_faces_record(shared.iloc[:0]).metrics == {}


@pytest.mark.parametrize("method", ["augment", "undersample"])
def test_balancing_records_the_faces_that_were_made(pack, tmp_path, method):
    samples = pack("whole").samples
    kept = samples[(samples["label"] != "sad") | (samples["split"] != "train") | (samples.index < 7)]
    base = pack("base", kept.drop(columns=["source", "row"]).assign(sample_id=lambda table: table["sample_id"].str[6:]))
    balanced = make_balanced(base, tmp_path / "made", method)
    found = balancing_record(base, balanced)
    made = {"augment": 3, "undersample": 0}[method]
    assert found.metrics["data/made/sad"] == made and found.metrics["data/made/happy"] == 0
    assert ("made.png" in found.figures) == bool(made)
    assert found.metrics["data/faces/train"] == (balanced.samples["split"] == "train").sum()


def test_a_summary_is_written_to_a_folder_too(pack, tmp_path):
    mixed = integrate(pack("base"), pack("addition", seed=1), Decimal("0.5"), 0)
    found = mixture_record(mixed)
    with pytest.warns(FerWarning) as heard:
        write_record(found, tmp_path / "out")
    assert [str(warning.message) for warning in heard] == list(found.warnings)
    metrics = json.loads((tmp_path / "out" / "metrics.json").read_text())
    assert metrics["data/faces/test"] == (mixed.samples["split"] == "test").sum()
    assert json.loads((tmp_path / "out" / "tags.json").read_text())["fer.dataset"] == mixed.name
    assert {"counts", "audit", "warnings.csv", "description.md"} <= {path.name for path in (tmp_path / "out").iterdir()}


def test_preprocessing_and_mixing_need_no_mlflow(tmp_path):
    code = f"""
import sys, warnings
from decimal import Decimal
from pathlib import Path
from fer.data.mixing import integrate
from fer.errors import FerWarning
from fer.preprocessing.pipeline import Recipe, preprocess
from fer.steps.dataset_summary import mixture_record, preprocessing_record
from fer.storage.record_folder import write_record
warnings.simplefilter("ignore")
folder = Path({str(tmp_path)!r})
small = dict(train=14, validation=7, test=7, size=24)
one, two = (
    preprocess(Recipe("synthetic", name=name, options=small, seed=seed, size=24), folder / name)
    for seed, name in enumerate(("one", "two"))
)
write_record(preprocessing_record(one), folder / "preprocessed")
write_record(mixture_record(integrate(one.dataset, two.dataset, Decimal("0.5"), 0)), folder / "mixed")
print("mlflow" in sys.modules)
"""
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "False"
    assert (tmp_path / "preprocessed" / "faces.png").is_file() and (tmp_path / "mixed" / "metrics.json").is_file()


def test_persons_of_two_sites_with_the_same_ids_are_counted_apart(pack, tiny_samples):
    """Two sites number their persons 01 to 05; a site's own person may stand in two splits."""
    sites = []
    for name, seed in (("north", 0), ("south", 1)):
        samples = tiny_samples(50)
        samples["person"] = [f"{row % 5:02d}" for row in range(50)]
        samples["split"] = ["train", "train", "train", "validation", "test"] * 10
        sites.append(pack(name, samples.drop(columns="clip"), seed=seed))
    mixed = integrate(*sites, Decimal("1"), 0)
    metrics = counts_record(mixed).metrics
    assert metrics["data/clusters/person"] == 9  # The addition's test split, person 04, does not enter.
    assert metrics["data/shared_between_splits/person"] == 0
    assert metrics["data/blocks"] == 9
