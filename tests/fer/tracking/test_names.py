"""Names on the server are defined in fer.tracking.names only."""

import ast
import re
from pathlib import Path

import pytest

from fer.data.attributes import Attribute
from fer.evaluation.metric_names import metric_name
from fer.tracking import names

ROOT = Path(__file__).parents[3]
NAMES = {
    value for value in vars(names).values() if isinstance(value, str) and re.fullmatch(r"[\w.]+[./][\w./]*", value)
}
COLUMN = re.compile(r"(tags|params|metrics)\.\w")
PLACES = ["analysis", "entrypoints", "fer"]
# What a record has without a server too is named there.
OWN = [ROOT / "fer" / "tracking" / "names.py", ROOT / "fer" / "record.py"]


def _literals(path: Path) -> list[str]:
    tree = ast.parse(path.read_text())
    documentation = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and isinstance(node.body[0], ast.Expr)
    }
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation
    ]


@pytest.mark.parametrize("place", PLACES)
def test_no_name_is_written_out_elsewhere(place):
    written = {
        f"{path.relative_to(ROOT)}: {text}"
        for path in (ROOT / place).rglob("*.py")
        if path not in OWN
        for text in _literals(path)
        if text in NAMES or (COLUMN.match(text) and not text.endswith(".jsonl"))
    }
    assert not written


def test_columns_of_a_frame_of_runs():
    assert names.tag(names.STUDY) == "tags.fer.study"
    assert names.param("test") == "params.test"
    assert names.metric(metric_name("test", "accuracy", Attribute.parse("race"), "<18")) == (
        "metrics.test/race/accuracy/under_18"
    )
    assert (names.faces_in("train"), names.clusters_of("clip")) == ("data/faces/train", "data/clusters/clip")
