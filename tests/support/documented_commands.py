"""Read the commands in the documentation: fenced blocks, and commands within sentences."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
STUDIES = sorted((ROOT / "studies").glob("*.yaml"))
# Languages of fenced blocks that hold no commands. Commands are in `sh` blocks.
NO_COMMANDS = {"python", "yaml", "text", "csv"}
PROGRAMS = (
    ".", "cd", "du", "export", "fair-fer", "git", "head", "jupyter", "make", "mkdir", "mlflow", "nvidia-smi", "pip",
    "pre-commit", "python", "rm",
)  # fmt: skip
_FENCE = re.compile(r"^(?P<indent> *)```(?P<language>\S*)(?P<more>[^\n]*)\n(?P<text>.*?)^(?P=indent)```$", re.M | re.S)
_SPAN = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.S)


@dataclass(frozen=True)
class Block:
    """A fenced block: the line of its first line, its language, its title, and its text."""

    line: int
    language: str
    title: str | None
    text: str


@dataclass(frozen=True)
class Command:
    """A command: where it is, its words, the variables set for it, and the comment behind it."""

    place: str
    words: list[str]
    variables: dict[str, str] = field(default_factory=dict)
    comment: str = ""

    def __str__(self) -> str:
        """Return its place and what it begins with: the name of its test."""
        return f"{self.place}: {shlex.join(self.words)[:60]}"


def blocks(page: Path) -> list[Block]:
    """Return the fenced blocks of a page."""
    text = page.read_text()
    found = []
    for match in _FENCE.finditer(text):
        title = re.search(r'title="([^"]+)"', match["more"])
        line = text[: match.start("text")].count("\n") + 1
        found.append(Block(line, match["language"], title and title[1], match["text"]))
    return found


def fenced_commands(page: Path) -> list[Command]:
    """Return the commands of a page's `sh` blocks."""
    return [one for block in blocks(page) if block.language == "sh" for one in _commands(page, block)]


def _commands(page: Path, block: Block) -> Iterator[Command]:
    lines = iter(enumerate(block.text.splitlines(), block.line))
    for number, line in lines:
        whole = line
        while whole.endswith("\\"):
            whole = whole[:-1] + next(lines)[1]
        bare, comment = _uncommented(whole)
        yield from read_commands(bare, f"{page.relative_to(ROOT)}:{number}", comment)


def _uncommented(line: str) -> tuple[str, str]:
    """Return a line without its comment, and the comment; a ``#`` in quotes or in a word begins none."""
    for found in re.finditer(r"(?:^|\s)#", line):
        if all(line[: found.start()].count(quote) % 2 == 0 for quote in "'\""):
            return line[: found.start()], line[found.end() :].strip()
    return line, ""


def read_commands(text: str, place: str, comment: str = "") -> Iterator[Command]:
    """Yield the commands of a line, which ``&&`` joins; ValueError for anything else that a shell does with a line."""
    reader = shlex.shlex(text, posix=True, punctuation_chars=True)
    reader.whitespace_split, reader.commenters = True, ""
    words: list[str] = []
    for word in [*reader, "&&"] if text.strip() else []:
        if word == "&&":
            variables = {}
            while words and re.fullmatch(r"[A-Z][A-Z_0-9]*=.*", words[0]):
                name, value = words.pop(0).split("=", 1)
                variables[name] = value
            yield Command(place, words, variables, comment)
            words = []
        elif set(word) <= set("();<>|&"):
            raise ValueError(f"{place}: the test does not know what {word} does; write a plain command")
        else:
            words.append(word)


def sentences_commands(page: Path) -> list[Command]:
    """Return the commands in a page's sentences and tables: code that begins with a program and has arguments."""
    return [
        command
        for number, span in spans(page)
        if span.split(" ", 1)[0] in PROGRAMS and " " in span
        for command in read_commands(span, f"{page.relative_to(ROOT)}:{number}")
    ]


def spans(page: Path) -> list[tuple[int, str]]:
    """Return the code within a page's sentences, with the line of each."""
    text = page.read_text()
    prose = _FENCE.sub(lambda match: "\n" * match[0].count("\n"), text)
    return [(prose[: match.start()].count("\n") + 1, " ".join(match[2].split())) for match in _SPAN.finditer(prose)]


def study_commands() -> list[Command]:
    """Return the commands in the comments at the top of the study files."""
    return [
        command
        for path in STUDIES
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if re.match(r"#\s+mlflow ", line)
        for command in read_commands(line.lstrip("# "), f"studies/{path.name}:{number}")
    ]
