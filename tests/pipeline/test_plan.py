"""plan on a real store: evaluations in, a plan on the terminal and on its run out; what cannot be read is refused."""

import mlflow
import pytest
from project_runs import invoke, succeed

from fer.record import Record
from fer.synthetic.predictions import draw_predictions
from fer.tracking import names
from fer.tracking.run_contents import log_record
from fer.tracking.runs import open_run

FACES = {"black": 40, "white": 80}


@pytest.fixture
def evaluated(tracking):
    """Log two evaluations of the same faces; return the ids of their runs."""
    clips = {"black": 8, "white": 16}
    faces = draw_predictions(dict.fromkeys(FACES, 1.0), FACES, clips)
    wrong = faces["label"].map({"happy": "sad"}).fillna("happy")
    ids = []
    for seed, accuracy in enumerate((0.6, 0.75)):
        drawn = draw_predictions(dict.fromkeys(FACES, accuracy), FACES, clips, seed=seed)
        table = faces.assign(predicted=faces["label"].where(drawn["label"] == drawn["predicted"], wrong))
        with open_run("evaluate", "evaluated", experiment="planning") as run:
            log_record(Record(tables={names.PREDICTIONS_ARTIFACT: table}))
            ids.append(run.info.run_id)
    return ids


def test_a_plan_is_printed_and_logged_beside_the_evaluation(evaluated):
    first, second = evaluated
    said = succeed("plan", run=second, baseline=first, difference=10)
    answer = next(line for line in said.splitlines() if line.startswith("To see a change of 10 points on all faces"))
    assert "(now 24)" in answer
    [run] = mlflow.search_runs(
        experiment_names=["planning"], filter_string=f"tags.`{names.STAGE}` = 'plan'", output_format="list"
    )
    assert run.info.status == "FINISHED"
    assert run.data.params["difference"] == "10"
    assert f"{run.data.metrics['plan/clips_needed']:,.0f} clips" in answer
    assert float(run.data.params["assumed_disagreement_percent"]) > 0
    assert run.data.tags["mlflow.note.content"].startswith("To see a change of 10 points on all faces")
    files = {file.path for file in mlflow.MlflowClient().list_artifacts(run.info.run_id, "plan")}
    assert files == {f"plan/{name}" for name in ("needs.csv", "designs.csv", "worth.csv", "detectable.png")}


def test_what_cannot_be_planned_is_one_sentence(evaluated):
    for given, sentence in (
        ({"run": "nothing"}, "there is no run nothing"),
        ({"run": evaluated[0], "attribute": "hair"}, "hair"),
        ({"run": evaluated[0], "groups": "black,green"}, "no group of race is named 'green'"),
        ({"accuracy": 95, "difference": 20}, "impossible: at a mean accuracy of 95.0 %"),
    ):
        refused = invoke("plan", "planning", **given)
        assert refused.exit_code == 2, given
        assert sentence in refused.output
        assert refused.output.strip().splitlines()[-1].startswith("error: ")
