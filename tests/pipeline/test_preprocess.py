"""Preprocess videos to a dataset on the server, as a user types it; the run reports faces and lost rows."""

import json

import mlflow
import pandas as pd
import pytest
from project_runs import invoke, mlflow_run

from analysis import load_runs
from fer.sources.eila_annotations import label_of, read_annotations
from fer.tracking.datasets import open_dataset
from fer.tracking.reading import read_table

EXPERIMENT = "videos"


@pytest.fixture(scope="module")
def run(module_tracking, clips):
    """Preprocess the rendered videos of which one row names a frame that is not there; return the run's row."""
    raw = module_tracking / "raw"
    raw.mkdir()
    for path in clips.iterdir():
        (raw / path.name).symlink_to(path)
    annotations = pd.read_csv(clips / "annotations.csv", dtype="str")
    labels = [label_of(votes) for votes in read_annotations(clips / "annotations.csv")["votes"]]
    annotations.loc[labels.index("happy"), "Frame Number"] = "5000"
    (raw / "annotations.csv").unlink()
    annotations.to_csv(raw / "annotations.csv", index=False)
    result = mlflow_run(
        "preprocess", EXPERIMENT, source="eila_videos", raw=raw, detector="haar", max_rejected=0.05, size=64,
        options=json.dumps({"splits": "grouped"}), emotions="angry,fear,happy,sad,surprise",
    )  # fmt: skip
    assert result.returncode == 0, result.stderr[-3000:]
    return load_runs(EXPERIMENT, stage=None).iloc[0]


def test_every_row_is_a_face_or_lost_for_a_reason(run):
    dataset = open_dataset(f"runs:/{run['run_id']}")
    assert len(dataset) + len(dataset.lost) == 60
    assert dataset.face_shape == (64, 64, 1)
    assert run["metrics.data/lost_rows"] == len(dataset.lost)
    assert run["metrics.data/rejected"] == 1
    assert run["metrics.data/lost/frame missing"] == 1
    reasons = dataset.lost["reason"].value_counts()
    assert run["metrics.data/lost/no face"] == reasons["no face"]
    assert reasons.filter(like="not asked for").sum() > 0
    assert set(dataset.samples["detector"]) == {"haar"}
    assert dataset.samples[["race", "person", "clip", "frame", "face_x", "face_width"]].notna().all().all()


def test_losses_stand_by_group_beside_the_faces(run):
    dataset = open_dataset(f"runs:/{run['run_id']}")
    table = read_table(run["run_id"], "lost/race.csv")
    whole = table[table["split"] == "all"].set_index("group")
    assert whole["no_face"].sum() == (dataset.lost["reason"] == "no face").sum()
    assert whole[["no_face", "other"]].to_numpy().sum() == len(dataset.lost)
    assert whole.loc[whole["faces"] > 0, "faces"].to_dict() == dataset.samples["race"].value_counts().to_dict()
    for group, share in whole["share_lost"].dropna().items():
        assert share == pytest.approx(whole["no_face"][group] / (whole["no_face"] + whole["faces"])[group])
        assert run[f"metrics.data/lost_share/race/{group}"] == pytest.approx(share)


def test_what_the_splits_share_is_counted(run):
    assert run["metrics.data/shared_between_splits/person"] == 0
    assert run["metrics.data/clusters/person"] > 1
    assert run["metrics.data/blocks"] >= 1


def test_figures_and_tables_stand_with_the_run(run):
    files = {file.path for folder in ("", "counts", "lost") for file in mlflow.artifacts.list_artifacts(
        f"runs:/{run['run_id']}/{folder}"
    )}  # fmt: skip
    assert files >= {
        "faces.png", "rejected.csv", "counts/split.csv", "counts/split.png", "counts/race.csv", "counts/race.png",
        "lost/reason.csv", "lost/race.csv",
    }  # fmt: skip
    [named] = read_table(run["run_id"], "rejected.csv").to_dict("records")
    assert named["kind"] == "frame missing" and "5000" in named["reason"]


def test_a_detector_without_its_file_is_one_sentence(run, clips):
    result = mlflow_run("preprocess", EXPERIMENT, source="eila_videos", raw=clips)
    assert result.returncode != 0
    [sentence] = [line for line in result.stderr.splitlines() if line.startswith("error: ")]
    assert "yolo" in sentence and "weights" in sentence
    assert "mtcnn" in sentence and "haar" in sentence


def test_align_wants_landmarks_and_true_or_false(run, clips):
    for value, word in (("true", "landmarks"), ("perhaps", "'perhaps'")):
        result = invoke("preprocess", EXPERIMENT, source="eila_videos", raw=clips, detector="haar", align=value)
        assert result.exit_code != 0
        assert word in next(line for line in result.output.splitlines() if line.startswith("error: "))
