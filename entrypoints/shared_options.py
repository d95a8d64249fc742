"""Options that several entry points have: those of a training, and where work is computed."""

from collections.abc import Callable, Collection
from dataclasses import fields

import click

from entrypoints.option_types import mapping, optional_number
from fer.training.parameters import TrainingParameters


def training_options(leave_out: Collection[str] = (), **defaults: str) -> Callable[[Callable], Callable]:
    """Return a decorator that adds an option per field of :class:`TrainingParameters`; ``defaults`` override theirs."""

    def decorate(command: Callable) -> Callable:
        for parameter in reversed(fields(TrainingParameters)):
            if parameter.name not in leave_out:
                option = "--" + parameter.name.replace("_", "-")
                default = defaults.get(parameter.name, parameter.default)
                command = click.option(option, parameter.name, default=default, help=parameter.metadata["help"])(
                    command
                )
        return command

    return decorate


def launching_options(command: Callable) -> Callable:
    """Add the options that say where the parts of a command's work are computed."""
    options = (
        click.option("--launcher", default="inline", help="Where it is computed: inline, processes, ray or slurm."),
        click.option(
            "--launcher-options", default="none", type=mapping, help="The launcher's options, '{gpus: 1}'; see docs."
        ),
        click.option("--workers", default="none", type=optional_number, help="Most at a time; none: as many as fit."),
        click.option(
            "--claims",
            default="auto",
            help="Database in which processes claim their work, so that none is done twice; see docs.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command
