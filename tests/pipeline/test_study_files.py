"""The age and the assistive study, cut down: drawn faces instead of theirs, one epoch, small networks and inputs."""

from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
import pytest
import yaml
from printed_commands import printed_commands
from project_runs import succeed

from analysis import load_predictions, load_runs
from fer.study.reading import cells, read_study
from fer.study.server_form import cell_parameters
from fer.tracking import names

STUDIES = Path(__file__).parents[2] / "studies"
FOUR = ["angry", "fear", "happy", "sad"]


def drawn(title: str, seed: int, **changes) -> dict:
    options = {"train": 70, "validation": 35, "test": 42, "seed": seed}
    return {"source": "synthetic", "title": title, "size": 32, "options": options, **changes}


def _run(path: Path, content: dict) -> str:
    path.write_text(yaml.safe_dump(content))
    return succeed("study", config=path)


def _table(experiment: str, name: str) -> pd.DataFrame:
    parent = load_runs(experiment, stage="study").iloc[0]["run_id"]
    return pd.read_csv(mlflow.artifacts.download_artifacts(run_id=parent, artifact_path=f"tables/{name}.csv"))


def test_the_age_study_is_504_cells_of_84_trainings():
    planned = cells(read_study(STUDIES / "age.yaml"))
    assert len(planned) == 504
    assert len({cell.training for cell in planned}) == 84
    assert {cell.test.dataset for cell in planned} == {cell.training.mixture.base for cell in planned}
    assert planned[0].experiment == "CK+ only, mobilenetv2, m1, on CK+"


def test_the_assistive_study_is_eight_iterations_and_two_ensembles():
    planned = cells(read_study(STUDIES / "assistive.yaml"))
    backbones = [cell_parameters(cell)["backbone"] for cell in planned]
    assert backbones == [f"assistive{number}" for number in range(1, 9)] + ["ensemble"] * 2
    assert [planned[0].experiment, planned[8].experiment] == ["assistive1", "ensemble of custom CNNs"]
    assert cell_parameters(planned[8])["members"] == "; ".join(
        f"fer2013a1 affectnet assistive{number} auto balanced" for number in (4, 5, 6)
    )


def test_the_age_study_trains_once_and_tests_on_every_dataset(tracking, tmp_path):
    content = yaml.safe_load((STUDIES / "age.yaml").read_text())
    content |= {"name": "age-small", "published": str(STUDIES / "published" / "age.yaml"), "seeds": [42]}
    kept = ["ck", "faces"]
    content["datasets"] = {
        name: drawn(content["datasets"][name]["title"], seed, emotions=FOUR) for seed, name in enumerate(kept)
    }
    content["mixtures"] = [{"base": "ck"}]
    content["test"] |= {"dataset": kept, "attributes": ["race"]}
    content["training"] |= {"backbone": ["vgg16"], "epochs": 1, "input_size": 32, "weights": "none"}
    _run(tmp_path / "age.yaml", content)
    runs = load_runs("age-small", origin=names.MEASURED)
    assert len(runs) == 4
    assert len(load_runs("age-small", stage="train")) == 2
    assert runs["tags.fer.training_run"].nunique() == 2
    predictions = load_predictions(runs["run_id"].iloc[0])
    assert [name for name in predictions if name.startswith("p_")] == [f"p_{emotion}" for emotion in FOUR]
    assert np.allclose(predictions[[f"p_{emotion}" for emotion in FOUR]].sum(axis=1), 1)
    train = load_runs("age-small", stage="train").iloc[0]
    assert (
        train["params.resolved/class_weights"] == "balanced" and train["params.resolved/preparation"] == "zero_to_one"
    )
    assert train["params.resolved/unfrozen"] == "3"
    table = _table("age-small", "complet_result")
    assert list(table) == ["key", "class", "precision", "recall", "f1", "support"]
    assert list(table["class"][:7]) == [*FOUR, "accuracy", "macro avg", "weighted avg"]
    assert table["key"].nunique() == 4 and "vgg16_m1_ck_TestOnfaces" in set(table["key"])
    one = table[table["key"] == "vgg16_m1_ck_TestOnfaces"].set_index("class")
    run = runs[runs["tags.fer.experiment"] == "CK+ only, m1, on FACES (60+)"].iloc[0]
    assert one.loc["accuracy", "f1"] == pytest.approx(run["metrics.test/accuracy"])
    assert one.loc["weighted avg", "f1"] == pytest.approx(run["metrics.test/f1_weighted"])
    assert len(load_runs("age-small", origin=names.PUBLISHED)) == 3


def test_the_assistive_study_balances_trains_and_combines(tracking, tmp_path):
    content = yaml.safe_load((STUDIES / "assistive.yaml").read_text())
    content |= {"name": "assistive-small", "published": str(STUDIES / "published" / "assistive.yaml")}
    content["datasets"] = {name: drawn(name, seed) for seed, name in enumerate(("fer2013", "affectnet"))}
    content["mixtures"][0]["balance"]["target"] = "total=210"
    content["training"] |= {"backbone": ["assistive1", "assistive4"], "epochs": 1}
    for entry in content["ensembles"]:
        entry["backbones"] = ["assistive1", "assistive4"]
    printed = _run(tmp_path / "assistive.yaml", content)
    assert "ensemble of custom CNNs" in printed
    # Its test knows no groups: it is reported by emotion, and the hint makes the same report.
    assert "Accuracy by label (%)" in printed
    [again] = printed_commands(printed)
    assert again.entry_point == "report" and again.parameters["attribute"] == "label"
    assert set(_table("assistive-small", "label/accuracy_by_group")["experiment"]) >= {"assistive1", "assistive4"}
    assert len(load_runs("assistive-small", stage="train")) == 2
    balanced = load_runs("assistive-small", stage="balance").iloc[0]
    assert balanced["metrics.data/faces/train"] == 210
    table = _table("assistive-small", "model_eval")
    assert list(table) == [
        "model", "family", "parameters", "training_accuracy", "validation_accuracy", "test_accuracy", "training_loss",
        "validation_loss", "test_loss", "f1_weighted", "seconds",
    ]  # fmt: skip
    assert sorted(table["family"]) == ["custom CNN"] * 2 + ["ensemble"] * 2
    assert table["test_accuracy"].is_monotonic_decreasing
    single = table[table["family"] == "custom CNN"]
    assert single.notna().all(axis=None)
    combined = table[table["family"] == "ensemble"]
    assert combined["training_accuracy"].isna().all() and combined["validation_accuracy"].notna().all()
    assert combined["seconds"].to_numpy() == pytest.approx(single["seconds"].sum())
    again = _run(tmp_path / "assistive.yaml", content)
    assert len(load_runs("assistive-small", stage="ensemble")) == 2 and "average of custom CNNs" in again
