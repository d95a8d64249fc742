"""Text is read and written as UTF-8, and printed, whatever the locale of the shell is."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SCRIPT = """
import click
from entrypoints.command import Answering

@click.command(cls=Answering)
def main():
    print("95 % \\u2013 \\u65e5\\u672c")
    click.echo("\\u2013")
    click.echo("warning: \\u2013", err=True)

main()
"""


def _calls(path: Path) -> list[ast.Call]:
    return [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]


def _is_text_without_encoding(call: ast.Call) -> bool:
    named = {keyword.arg for keyword in call.keywords}
    if isinstance(call.func, ast.Attribute) and call.func.attr in ("read_text", "write_text"):
        return "encoding" not in named
    if not isinstance(call.func, ast.Name) or call.func.id != "open":
        return False
    modes = [argument.value for argument in call.args[1:2] if isinstance(argument, ast.Constant)]
    return "encoding" not in named and not any("b" in str(mode) for mode in modes)


@pytest.mark.parametrize("place", ["analysis", "entrypoints", "fer"])
def test_every_text_file_is_opened_as_utf_8(place):
    found = [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for path in (ROOT / place).rglob("*.py")
        for call in _calls(path)
        if _is_text_without_encoding(call)
    ]
    assert not found


def test_what_a_terminal_cannot_show_is_shown_by_number():
    environment = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": ""}
    shown = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, cwd=ROOT, env=environment, check=True)
    first, second = shown.stdout.splitlines()
    assert first == b"95 % \\u2013 \\u65e5\\u672c"
    assert second.decode() in ("\u2013", "\\u2013")  # click takes no ASCII for an answer.
    assert b"Traceback" not in shown.stderr
