"""What a report says of how its results were made, from frames of runs."""

import pandas as pd
import pytest

from analysis.tables.provenance import environment_table, run_table, training_table
from fer.tracking import names

RESOLVED = {
    "head": "pooled", "weights": "none", "protocol": "scratch", "input_size": "48", "optimizer": "adamw",
    "learning_rate": "0.002", "batch_size": "32", "epochs": "7", "method": "group_dro",
}  # fmt: skip
DIGEST = "f323737d450280a98cfeb8f2210679be"


def train_run(number, epochs, params=None, **further):
    return {
        "run_id": f"train{number}", f"tags.{names.STAGE}": "train", "tags.fer.git.commit": f"abc{number % 2}",
        "tags.fer.hardware.cores": "2", "params.backbone": "'cnn'", "params.head": "auto",
        **{f"params.resolved/{name}": value for name, value in (RESOLVED | (params or {})).items()},
        f"metrics.{names.EPOCHS}": epochs, f"metrics.{names.BEST_EPOCH}": epochs - 1, **further,
    }  # fmt: skip


@pytest.fixture
def runs(make_runs):
    """Return two experiments with two seeds, and the runs that trained their models; the last is an ensemble."""
    cells = make_runs(["one only", "one only", "one + 50% two", "both"], fractions=["0", "0", "0.5", "0"])
    cells["params.seed"] = ["0", "1", "0", "0"]
    cells[f"tags.{names.TRAINING_RUN}"] = ["train0", "train1", "train2", "joined"]
    cells["params.base_digest"], cells["params.test"] = DIGEST[:12], "faces"
    cells["params.test_digest"] = "0123456789ab"
    cells["tags.fer.git.commit"] = "abc0"
    ensemble = {
        "run_id": "joined", f"tags.{names.STAGE}": names.ENSEMBLE_STAGE, "params.members": "train0,runs:/train2/model",
        "tags.fer.git.commit": "abc0",
    }  # fmt: skip
    made = {"run_id": "made", f"tags.{names.STAGE}": "preprocess", f"tags.{names.DIGEST}": DIGEST}
    steps = [train_run(0, 7), train_run(1, 5), train_run(2, 7, {"learning_rate": "0.001,0.0001"}), ensemble, made]
    return cells, pd.DataFrame(steps)


def test_settings_are_those_that_auto_resolved_to_and_differences_are_named(runs):
    table = training_table(*runs).set_index("experiment")
    assert list(table.index) == ["one only", "one + 50% two", "both"]
    first = table.loc["one only"]
    assert first[list(RESOLVED)].to_dict() == RESOLVED and first["backbone"] == "cnn"
    assert (first["epochs_trained"], first["seed"]) == ("7; 5", "0, 1")
    assert table.loc["one + 50% two", "learning_rate"] == "0.001,0.0001"
    assert table.loc["both", "learning_rate"] == "0.002; 0.001,0.0001"


def test_every_cell_names_its_run_and_its_training(runs):
    table = run_table(*runs)
    assert table["run_id"].tolist() == runs[0]["run_id"].tolist()
    assert table["training_run"].tolist() == ["train0", "train1", "train2", "joined"]
    assert table["epochs_trained"].tolist()[:3] == ["7", "5", "7"] and table["best_epoch"].tolist()[:3] == [
        "6",
        "4",
        "6",
    ]
    assert pd.isna(table["epochs_trained"].iloc[3])


def test_environments_that_differ_are_counted_and_digests_are_whole_where_the_dataset_was_made_here(runs):
    table = environment_table(*runs)
    commits = table[table["what"] == "commit"].set_index("value")["runs"].to_dict()
    assert commits == {"abc0": 6, "abc1": 1}
    digests = table.set_index("what")["value"]
    assert digests["digest of one"] == DIGEST and digests["digest of faces"] == "0123456789ab"
    assert digests["cores"] == "2"


def test_runs_of_earlier_versions_have_what_they_hold(make_runs):
    cells = make_runs(["one only"])
    nothing = pd.DataFrame(columns=["run_id"])
    assert training_table(cells, nothing)["head"].isna().all()
    assert run_table(cells, nothing)["training_run"].isna().all()
    assert environment_table(cells, nothing).empty


def test_very_many_seeds_are_a_range_where_none_is_missing(runs, make_runs):
    def shown(seeds):
        cells = make_runs(["one only"] * len(seeds))
        cells["params.seed"] = [str(seed) for seed in seeds]
        cells[f"tags.{names.TRAINING_RUN}"] = "train0"
        return training_table(cells, runs[1])["seed"].item()

    assert shown(range(3, 33)) == "3 to 32"
    assert shown([*range(24), 25]).endswith(", 22, 23, 25")
    assert shown(range(20)).startswith("0, 1, 2, ")
