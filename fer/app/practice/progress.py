"""The answers of practice, in a file of the user's data folder: one line of JSON per answer, only ever appended."""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path

from fer.app.practice.scheduling import STRENGTHS, Answer
from fer.data.emotions import ALL_EMOTIONS

_NAMES = tuple(field.name for field in fields(Answer))


def progress_file() -> Path:
    """Return where progress is kept: ``practice.jsonl`` in the user's data folder for this program."""
    from platformdirs import user_data_path

    return user_data_path("fair-fer", appauthor=False) / "practice.jsonl"


class Progress:
    """The answers of one user.

    Args:
        file: where they are kept; None: in memory only.

    Attributes:
        answers: all of them, in the order in which they were given.
        unwritable: whether the last answer could not be written.

    """

    def __init__(self, file: Path | None) -> None:
        self.file, self.unwritable = file, False
        self.answers: list[Answer] = [] if file is None else _read(file)

    def add(self, answer: Answer) -> None:
        """Keep an answer."""
        self.answers.append(answer)
        if self.file is None:
            return
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            # One short write in append mode: two browsers that practise at once do not damage each other's lines.
            with open(self.file, "a", encoding="utf-8") as file:
                file.write(json.dumps(asdict(answer)) + "\n")
            self.unwritable = False
        except OSError:
            self.unwritable = True

    def erase(self) -> None:
        """Forget all answers, and remove the file."""
        self.answers = []
        if self.file is not None:
            try:
                self.file.unlink(missing_ok=True)
            except OSError:
                self.unwritable = True

    def as_json(self) -> str:
        """Return all answers as JSON: a list of objects."""
        return json.dumps([asdict(answer) for answer in self.answers], indent=1)

    def as_csv(self) -> str:
        """Return all answers as CSV, with a line of names."""
        text = io.StringIO()
        writer = csv.DictWriter(text, [*_NAMES, "right"])
        writer.writeheader()
        writer.writerows([asdict(answer) | {"right": answer.right} for answer in self.answers])
        return text.getvalue()


def _read(file: Path) -> list[Answer]:
    """Return the answers of a file; what is no answer, such as a line that a crash cut off, is passed over."""
    try:
        lines: Sequence[str] = file.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
    found = []
    for line in lines:
        try:
            known = json.loads(line)
        except ValueError:
            continue
        if _is_answer(known):
            found.append(Answer(**{name: known[name] for name in _NAMES}))
    return found


def _is_answer(known: object) -> bool:
    if not isinstance(known, dict) or not all(isinstance(known.get(name), str) for name in _NAMES):
        return False
    return {known["shown"], known["answered"], known["other"]} <= set(ALL_EMOTIONS) and known["strength"] in STRENGTHS
