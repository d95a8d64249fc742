"""The notebook under docs/ runs whole on a server that holds an experiment like the demo's."""

import tempfile
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from fer.data.attributes import RACE
from fer.data.emotions import EMOTIONS
from fer.evaluation.metric_names import metric_names
from fer.evaluation.metrics import by_group, overall
from fer.record import Record
from fer.synthetic import draw_predictions
from fer.tracking import names
from fer.tracking.run_contents import log_record
from fer.tracking.runs import open_run

SHARES = ("0", "0.5", "1")
NOTEBOOK = Path(__file__).parents[2] / "docs" / "analysis.ipynb"


@pytest.fixture
def demo(tracking):
    """Log cells under the demo's name, two seeds each: more added, more faces of the other groups right."""
    for place, seed, share in ((place, seed, share) for place, share in enumerate(SHARES) for seed in (0, 1)):
        accuracy = {"group_a": 0.8, "group_b": 0.3 + 0.2 * place, "group_c": 0.2 + 0.25 * place}
        table = draw_predictions(accuracy, 40, 8)
        # One truth for all models: the labels of the first.
        right, truth = (
            table["predicted"] == table["label"],
            draw_predictions(dict.fromkeys(accuracy, 0.5), 40, 8)["label"],
        )
        following = truth.map(dict(zip(EMOTIONS, [*EMOTIONS[1:], EMOTIONS[0]], strict=True)))
        table = table.assign(label=truth, predicted=truth.where(right, following))
        table.loc[: 4 * seed, "predicted"] = table["label"]
        title = f"majority + {share}"
        tags = {names.STUDY: "demo", names.EXPERIMENT: title, names.POSITION: place}
        given = {"base": "majority", "addition": "everyone", "fraction": share, "arm": "add", "seed": seed,
                 "test": "everyone"}  # fmt: skip
        with open_run("cell", title, given, tags, "demo"):
            log_record(Record(metrics=metric_names("test", overall(table), [by_group(table, RACE)])))
            with open_run("evaluate", title, {}, tags) as evaluated:
                log_record(Record(tables={names.PREDICTIONS_ARTIFACT: table}))
            log_record(Record(tags={names.EVALUATION_RUN: evaluated.info.run_id}))


def test_the_notebook_runs_whole_and_ends_in_figures(demo, tmp_path, monkeypatch):
    # The kernel must not see the test runner's own backend of Matplotlib.
    monkeypatch.delenv("MPLBACKEND", raising=False)
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(tmp_path)}}).execute()
    assert sum("image/png" in kinds for kinds in shown(notebook)) == 2
    assert "majority + 0.5" in str(notebook.cells)
    assert {path.name for path in tmp_path.iterdir()} == {"cache"}


def test_the_notebook_in_the_documentation_was_executed_whole_in_order_and_shows_drawn_groups():
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    assert all(cell.outputs for cell in code)
    assert all(output.output_type != "error" for cell in code for output in cell.outputs)
    assert sum("image/png" in kinds for kinds in shown(notebook)) == 2
    text = NOTEBOOK.read_text()
    assert "group_a" in text
    folders = [str(NOTEBOOK.parents[1]), str(Path.home()), tempfile.gettempdir(), "site-packages", "/home/", "/Users/"]
    assert not [folder for folder in folders if folder in text]


def shown(notebook):
    """Return the kinds of each output of the code cells."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return [list(output.get("data", {})) for output in outputs]
