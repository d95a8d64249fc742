"""The words auto and none have one definition each."""

import ast
from pathlib import Path

import pytest

from fer import sentinels

ROOT = Path(sentinels.__file__).parents[1]
# Keras's own word for how a step is compiled.
OTHERS = {"JIT_COMPILE"}


@pytest.mark.parametrize("package", ["fer", "analysis", "entrypoints"])
def test_no_other_module_gives_the_words_a_name(package):
    found = {
        (str(path.relative_to(ROOT)), target.id)
        for path in (ROOT / package).rglob("*.py")
        if path != Path(sentinels.__file__)
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name) and _says_one(node.value)
    }
    assert {name for name in found if name[1] not in OTHERS} == set()


def _says_one(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value in (sentinels.AUTO, sentinels.NONE)
