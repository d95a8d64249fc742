"""What an entry point says besides its results, on standard error: what it does, where to look, what comes next."""

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from fer.errors import InputError
from fer.progress import say
from fer.text.commands import run_command, shell_command

if TYPE_CHECKING:
    from mlflow.entities import Run


Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Next:
    """What may come next: a sentence without its end, and a command to copy if one can be given."""

    sentence: str
    command: str = ""


def finish(run: "Run", look: str, *steps: Next) -> None:
    """Say where a run is shown in MLflow and what to look at first, then what may come next."""
    from fer.tracking.pages import experiment_page, run_page, ui_command

    experiment, start = run.info.experiment_id, ui_command()
    lines = ["", f"Look at it in MLflow: {look}."]
    if start is not None:
        lines += ["  Start MLflow's pages in a terminal of their own, and leave them running:", f"  {start}"]
    lines += [f"  {run_page(experiment, run.info.run_id)}"]
    lines += [f"  All runs of its experiment: {experiment_page(experiment)}"]
    activation = _activation() if any(step.command for step in steps) else None
    for step in steps:
        lines.append(f"Next: {step.sentence}{':' if step.command else '.'}")
        lines += [f"  {command}" for command in (activation, step.command) if command]
        activation = None
    for line in lines:
        say(line)


def say_file(run: "Run", *paths: str) -> None:
    """Say where files of a run are: their paths on this machine, or the command that fetches them from the server."""
    from fer.tracking.pages import file_place

    say("")
    for path in paths:
        say(f"{Path(path).name}: {file_place(run, path)}")


def training_next(dataset: str, experiment: str) -> Next:
    """Return what comes after making a dataset: training on it, or evaluating on one without training faces."""
    if {"train", "validation"} <= set(_attributes(dataset)):
        return Next("train a model on it", run_command("train", experiment, dataset=dataset, backbone="cnn"))
    return Next("it has no training and validation faces: evaluate a model on it")


def evaluation_next(model: str, dataset: str, experiment: str) -> Next:
    """Return what comes after training: evaluating ``model``, the id of its run, on the dataset's test faces."""
    groups = _attributes(dataset).get("test")
    if groups is None:
        return Next(f"evaluate it (model={model}) on a dataset that has test faces")
    asked = {"model": model, "dataset": dataset, "attributes": ",".join(groups) or "none"}
    return Next("evaluate it on the test faces", run_command("evaluate", experiment, **asked))


def comparison_next(run: "Run", experiment: str) -> Next:
    """Return what comes after an evaluation: comparing it with the last one of the same faces."""
    from fer.tracking.evaluations import comparable_runs

    pair = _asked(lambda: comparable_runs(run.info.experiment_id, run.info.run_id), None)
    if pair is None:
        return Next(
            "evaluate another model on the same faces, and compare shows what changed face by face; a study trains and "
            "evaluates many models (its files are in studies/)"
        )
    return Next("compare it with the evaluation before it", run_command("compare", experiment, **pair._asdict()))


def report_next(experiment: str) -> Next:
    """Return what comes after an evaluation too: a report on all evaluations and cells of its experiment."""
    return Next(
        "report on the evaluations of this experiment", run_command("report", experiment, experiment=experiment)
    )


def reading_next(file: str) -> Next:
    """Return what comes after a report or a card: reading it."""
    return Next(f"open {file} in a browser (docs/report.md says how to read tables and intervals)")


def _attributes(dataset: str) -> Mapping[str, list[str]]:
    from fer.tracking.datasets import attributes_by_split

    return _asked(lambda: attributes_by_split(dataset), {})


def _asked(question: Callable[[], Answer], otherwise: Answer) -> Answer:
    """Return what the server answers; ``otherwise`` if it does not, as the work is done and its run has ended."""
    from fer.tracking.server import answering

    try:
        return answering(question)
    except InputError:
        return otherwise


def _activation() -> str | None:
    """Return the command that activates this environment; None if the user's shell has activated one, or there is none.

    `make` runs with the environment's programs in its path, but the shell in which a command is pasted may not.
    """
    script = Path(sys.prefix, "bin", "activate")
    if sys.prefix == sys.base_prefix or "VIRTUAL_ENV" in os.environ or not script.is_file():
        return None
    return shell_command(".", str(script.relative_to(Path.cwd()) if script.is_relative_to(Path.cwd()) else script))
