"""Every entry point says what it does before it imports anything that takes seconds, and where to look at its end."""

import ast
from pathlib import Path

import pytest

from entrypoints.console import NAMES

# What they do is seen in a browser, or printed; there is no run to look at.
STORES_NOTHING = ("app", "status")
FOLDER = Path(__file__).parents[2] / "entrypoints"


@pytest.fixture(params=NAMES)
def statements(request):
    """Return the statements of an entry point's `main` after its docstring."""
    module = ast.parse((FOLDER / f"{request.param}.py").read_text())
    [main] = [part for part in module.body if isinstance(part, ast.FunctionDef) and part.name == "main"]
    return request.param, main.body[1:]


def test_it_begins_by_saying_what_it_does(statements):
    name, [first, *_] = statements
    assert ast.unparse(first).startswith(("announce('", "announce(f'", 'announce(f"')), name
    assert f"{name}: " in ast.unparse(first)


def test_it_ends_by_saying_where_to_look_and_what_comes_next(statements):
    name, body = statements
    if name in STORES_NOTHING:
        assert ast.unparse(body[-1]).startswith("say("), name
        return
    calls = [node.func for part in body for node in ast.walk(part) if isinstance(node, ast.Call)]
    assert [ast.unparse(function) for function in calls].count("finish") == 1, name
