"""What all entry points share: one sentence for bad input, exit codes, the names that `-P` accepts."""

import logging
import os
import signal
import sys
import warnings
from collections.abc import Callable, Collection
from dataclasses import fields
from pathlib import Path
from typing import Any

import click
import yaml

from fer.sentinels import AUTO, NONE
from fer.training.parameters import TrainingParameters

# TensorFlow's start-up notes are not for the user of a table; before anything imports it.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
logging.getLogger("tensorflow").setLevel(logging.ERROR)

_OURS = tuple(str(Path(__file__).parents[1] / package) + os.sep for package in ("fer", "analysis", "entrypoints"))
_format_with_source = warnings.formatwarning


def format_warning(
    message: Warning | str, category: type[Warning], filename: str, lineno: int, line: str | None = None
) -> str:
    """Return a warning as one line: what is ours without the place in the code, which tells a user nothing."""
    if issubclass(category, UserWarning) and filename.startswith(_OURS):
        return f"warning: {message}\n"
    return _format_with_source(message, category, filename, lineno, line)


class EntryPoint(click.Command):
    """A command that answers bad input with one sentence and exit code 2, and Ctrl-C with exit code 130."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run; every exit of the process goes through here."""
        from fer.errors import InputError

        # A scheduler's SIGTERM ends a run as Ctrl-C does: KILLED on the server, not RUNNING for ever.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        warnings.formatwarning = format_warning
        try:
            return super().main(*args, standalone_mode=False, **kwargs)
        except InputError as error:
            click.echo(f"error: {error}", err=True)
            sys.exit(2)
        except click.NoSuchOption as error:
            valid = ", ".join(sorted(option.name or "" for option in self.params))
            click.echo(f"error: {self.name} has no parameter {error.option_name}; it has: {valid}.", err=True)
            sys.exit(2)
        except click.ClickException as error:
            click.echo(f"error: {self.name}: {error.format_message()}", err=True)
            sys.exit(2)
        except (click.Abort, KeyboardInterrupt):
            click.echo("stopped.", err=True)
            sys.exit(130)


def training_options(leave_out: Collection[str] = (), **defaults: str) -> Callable[[Callable], Callable]:
    """Give a command an option for each of :class:`TrainingParameters`, with other defaults where they are named."""

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


def optional(value: str) -> str | None:
    """Return None for the word ``none`` (MLflow takes an empty default for a missing one)."""
    return None if value == NONE else value


def optional_path(value: str) -> Path | None:
    """Return a path, or None for ``none``."""
    return None if value == NONE else Path(value).expanduser()


def optional_number(name: str, value: str) -> int | None:
    """Return a whole number, or None for ``none`` and ``auto``."""
    from fer.errors import InputError

    if value in (NONE, AUTO):
        return None
    try:
        return int(value)
    except ValueError:
        raise InputError(f"{name} {value!r} is no whole number; give one, or none.") from None


def truth(name: str, value: str) -> bool:
    """Return whether a value says true; InputError for neither true nor false."""
    from fer.errors import InputError

    if value.lower() not in ("true", "false"):
        raise InputError(f"{name} {value!r} is neither true nor false; give one of these.")
    return value.lower() == "true"


def numbers(name: str, value: str, count: int) -> tuple[float, ...]:
    """Return that many comma-separated numbers."""
    from fer.errors import InputError

    try:
        parts = tuple(float(part) for part in value.split(","))
    except ValueError:
        parts = ()
    if len(parts) != count:
        raise InputError(f"{name} {value!r} is no list of {count} numbers; write it as 0.6,0.2,0.2.")
    return parts


def listed(value: str) -> list[str]:
    """Return the parts of a comma-separated value; none of them for ``none``."""
    return [] if value in (NONE, AUTO) else [part.strip() for part in value.split(",") if part.strip()]


def mapping(name: str, value: str) -> dict[str, Any]:
    """Return a YAML mapping given in one value, such as ``{splits: field}``; empty for ``none``."""
    from fer.errors import InputError

    if value == NONE:
        return {}
    try:
        content = yaml.safe_load(value)
    except yaml.YAMLError:
        content = None
    if not isinstance(content, dict):
        raise InputError(f"{name} {value!r} is no YAML mapping; write it as '{{splits: field}}'.")
    return content
