"""Tables of predictions on a store: evaluated by their own groups, then compared, reported and described by these."""

import warnings

import mlflow
import numpy as np
import pytest
from project_runs import invoke, succeed

from analysis import load_predictions, load_runs
from fer.errors import FerWarning
from fer.evaluation import uncertainty
from fer.synthetic.predictions import draw_predictions
from fer.tracking import names

pytestmark = pytest.mark.filterwarnings("ignore::fer.errors.FerWarning")
EXPERIMENT = "tables"


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """Two models' answers on the same faces, of which one has no probabilities, by ethnicity and sex."""
    before, folder = mlflow.get_tracking_uri(), tmp_path_factory.mktemp("tables")
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        warnings.simplefilter("ignore", FerWarning)
        patch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{folder}/mlflow.db")
        patch.setenv("FER_CACHE", str(folder / "cache"))
        patch.setattr(uncertainty, "replicates_for", lambda clusters: 50)
        patch.chdir(folder)
        mlflow.set_tracking_uri(f"sqlite:///{folder}/mlflow.db")
        table = draw_predictions({"x": 0.4, "y": 0.9}, 60, 20).drop(columns="source")
        table["sex"] = np.where(np.arange(len(table)) % 2, "f", "m")
        table = table.rename(columns={"race": "ethnicity", "label": "truth", "person": "subject"})
        table.to_csv("theirs.csv", index=False)
        other = table.drop(columns=[name for name in table if name.startswith("p_")])
        other["predicted"] = other["truth"].where(np.arange(len(other)) % 3 > 0, other["predicted"])
        other.to_csv("ours.csv", index=False, sep=";")
        printed = [
            succeed("evaluate", EXPERIMENT, predictions=f"{name}.csv", columns="{person: subject}")
            for name in ("theirs", "ours")
        ]
        yield printed
    mlflow.set_tracking_uri(before)


def test_the_groups_are_those_that_the_table_has(done):
    runs = load_runs(EXPERIMENT)
    assert runs["run_name"].tolist() == ["test: ours", "test: theirs"]
    assert set(runs["params.resolved/attributes"]) == {"ethnicity,sex"}
    assert runs[names.tag(names.PREDICTIONS)].tolist() == ["ours", "theirs"]
    assert runs["metrics.test/loss"].isna().tolist() == [True, False]
    assert all("metric in MLflow" in printed and "between groups of sex" in printed for printed in done)
    assert "nats" in done[0] and "nats" not in done[1]
    kept = load_predictions(runs["run_id"].iloc[0])
    assert list(kept)[:3] == ["sample_id", "label", "predicted"] and "p_sad" not in kept
    assert {"ethnicity", "sex", "person", "clip", "split"} == set(list(kept)[3:])


def test_compare_asks_for_no_attribute(done):
    ours, theirs = load_runs(EXPERIMENT)["run_id"]
    printed = succeed("compare", first=theirs, second=ours, replicates=200)
    assert printed.startswith("test: ours against test: theirs\n") and "Faces gained and lost, by ethnicity" in printed
    page = mlflow.artifacts.load_text(
        f"runs:/{load_runs(EXPERIMENT, stage='compare')['run_id'].iloc[0]}/report/report.md"
    )
    assert "The runs were also evaluated by sex." in page


def test_the_report_is_by_what_the_evaluations_were_made_by(done):
    result = invoke("report", experiment=EXPERIMENT, replicates=200, baseline="theirs")
    assert result.exit_code == 0, result.output
    assert "Accuracy by ethnicity (%)" in result.output
    assert "by ethnicity; the runs were also evaluated by sex: give it as attribute=" in result.output
    page = mlflow.artifacts.load_text(
        f"runs:/{load_runs(EXPERIMENT, stage='report')['run_id'].iloc[0]}/report/report.md"
    )
    assert "## Against the baseline" in page and "Calibration: ours gave no probabilities." in page


def test_a_card_is_made_of_a_models_predictions(done):
    ours = load_runs(EXPERIMENT)["run_id"].iloc[0]
    printed = succeed("card", EXPERIMENT, model=ours)
    assert "# Model card: ours\n" in printed and "evaluated on faces of ours, test" in printed
    assert "by ethnicity" in printed and "by sex" in printed and "| loss" not in printed
    trained = invoke("card", model=load_runs(EXPERIMENT, stage="card")["run_id"].iloc[0])
    assert trained.exit_code == 2 and "evaluated no table of predictions" in trained.output


def test_a_mistake_in_the_table_leaves_a_run_that_says_so(done):
    result = invoke("evaluate", EXPERIMENT, predictions="ours.csv", columns="{label: answer}")
    assert result.exit_code == 2 and "lacks 'answer', which columns= names." in result.output
    assert len(load_runs(EXPERIMENT)) == 2
