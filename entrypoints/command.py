"""Shared by all entry points: one-sentence errors for bad input, exit codes, parameters as given."""

import io
import logging
import os
import signal
import sys
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

import click

from fer.errors import InputError, shown
from fer.redaction import redacted
from fer.text.numbers import real, whole

# Silence TensorFlow's start-up messages; set before anything imports it.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
logging.getLogger("tensorflow").setLevel(logging.ERROR)

_OURS = tuple(str(Path(__file__).parents[1] / package) + os.sep for package in ("fer", "analysis", "entrypoints"))
_format_with_source = warnings.formatwarning


def format_warning(
    message: Warning | str, category: type[Warning], filename: str, lineno: int, line: str | None = None
) -> str:
    """Return a warning as one line; for the project's own warnings without the location in the code."""
    if issubclass(category, UserWarning) and filename.startswith(_OURS):
        return redacted(f"warning: {message}\n")
    return redacted(_format_with_source(message, category, filename, lineno, line))


def print_defect(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Print the traceback of a defect, without the credentials of the addresses in it."""
    sys.stderr.write(redacted("".join(traceback.format_exception(kind, error, trace))))


class _Ended(Exception):
    """Carries an EOFError past click."""

    def __init__(self, error: EOFError) -> None:
        super().__init__(str(error))
        self.error = error


class Answering(click.Command):
    """A command that answers bad input with one sentence and exit code 2, and Ctrl-C with exit code 130."""

    def invoke(self, ctx: click.Context) -> Any:
        """Do the work; click would take an EOFError in it, which is a damaged file's, for a user's Ctrl-D."""
        try:
            return super().invoke(ctx)
        except EOFError as error:
            raise _Ended(error) from error

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run; every exit of the process goes through here."""
        for stream in (sys.stdout, sys.stderr):
            # A terminal that cannot show a sign, as under LC_ALL=C, shows its number instead.
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")
        # A scheduler's SIGTERM ends a run like Ctrl-C: KILLED on the server instead of RUNNING forever.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        warnings.formatwarning = format_warning
        sys.excepthook = print_defect
        try:
            return super().main(*args, **{**kwargs, "standalone_mode": False})
        except _Ended as ended:
            raise ended.error from None
        except InputError as error:
            click.echo(f"error: {error}", err=True)
            sys.exit(2)
        except click.ClickException as error:
            context = getattr(error, "ctx", None)
            sentence = _sentence(self if context is None else context.command, error)
            click.echo(redacted(f"error: {sentence}"), err=True)
            sys.exit(2)
        except (click.Abort, KeyboardInterrupt):
            click.echo("stopped.", err=True)
            sys.exit(130)
        except Exception as error:
            fault = _fault(error)
            if fault is None:
                raise
            click.echo(redacted(f"error: {fault}"), err=True)
            sys.exit(2)


def _fault(error: Exception) -> str | None:
    """Return the sentence on a fault of the system or the server, which is no defect of the project; else None."""
    from fer.storage.system_faults import system_fault

    if "mlflow" in sys.modules:  # It takes seconds to load, and without it no server was asked.
        from fer.tracking.faults import REQUEST_ERRORS, refusal_of

        if isinstance(error, REQUEST_ERRORS):
            return str(refusal_of(error))
    return system_fault(error)


def parameter_name(option: click.Parameter) -> str:
    """Return an option's name as ``-P`` and the tracking server know it: ``split_rule`` for ``--split-rule``."""
    return option.opts[0].removeprefix("--").replace("-", "_")


def _sentence(command: click.Command, error: click.ClickException) -> str:
    """Return click's error as one sentence with a remedy, which click leaves to its usage text."""
    if isinstance(error, click.NoSuchOption):
        valid = ", ".join(sorted(map(parameter_name, command.params)))
        return f"{command.name} has no parameter {error.option_name}; it has: {valid}."
    if not isinstance(error, click.BadParameter) or not isinstance(error.param, click.Option):
        how = "fair-fer" if isinstance(command, click.Group) else f"python -m entrypoints.{command.name}"
        return f"{command.name}: {error.format_message().rstrip('.')}; see `{how} --help`."
    named = parameter_name(error.param)
    if isinstance(error, click.MissingParameter):
        return f"{command.name} needs {named}=, which is missing: {error.param.help}"
    if isinstance(error.param.type, click.types.FuncParamType):  # The project's own types state their remedy.
        return f"{named} {error.message}"
    return f"{named} {error.message.split('. ')[0].rstrip('.')}; give one such as {error.param.default}."


class _Number(click.ParamType):
    """A number in the project's reading: ASCII digits, without underscores."""

    def __init__(self, name: str, read: Callable[[str], float]) -> None:
        self.name, self._read = name, read

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Return the number; fails for any other text."""
        try:
            return self._read(str(value))
        except ValueError:
            self.fail(f"{shown(value)} is not a valid {self.name}.", param, ctx)


_READ_AS: dict[click.ParamType, click.ParamType] = {
    click.INT: _Number("integer", whole),
    click.FLOAT: _Number("number", real),
}


_OFFLINE = "fer.offline"


def _note_offline(context: click.Context, option: click.Parameter, value: bool) -> None:
    context.meta[_OFFLINE] = value


def _offline_option() -> click.Option:
    return click.Option(
        ["--offline"],
        type=click.BOOL,
        default=False,
        expose_value=False,
        callback=_note_offline,
        help="true: without the tracking server; its runs are kept on this machine, and `sync` sends them.",
    )


class EntryPoint(Answering):
    """The command of one entry point."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for option in self.params:
            option.type = _READ_AS.get(option.type, option.type)

    def invoke(self, ctx: click.Context) -> Any:
        """Do the work, without the tracking server if that is asked."""
        if ctx.meta.get(_OFFLINE):
            from fer.tracking.journal import work_offline

            work_offline()
        return super().invoke(ctx)

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return the parameters with ``--offline``, which is for the shell alone.

        `mlflow run` asks the tracking server before this process begins. It changes no result, so runs do not log it.
        """
        return [*super().get_params(ctx), _offline_option()]

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the parameters; keep them as given, which is how a run logs them, in ``ctx.obj``.

        Raises InputError for an empty value, for a parameter that is given twice, of which click takes the last,
        and for a byte that is no UTF-8.
        """
        for word in args:
            if not word.isprintable() and word != word.encode(errors="replace").decode():
                shown = word.encode(errors="backslashreplace").decode()
                raise InputError(f"{shown} holds a byte that is no UTF-8; rename what it names.")
        words, _, given = self.make_parser(ctx).parse_args(list(args))
        for option in given:
            name = parameter_name(option)
            if given.count(option) > 1:
                raise InputError(f"{name}= is given twice; keep one of them.")
            if not str(words[option.name]).strip():
                instead = "give a value" if option.required else f"leave it out for its default, {option.default}"
                raise InputError(f"{name}= is empty; {instead}.")
        options = (option for option in self.params if isinstance(option, click.Option))
        ctx.obj = {parameter_name(option): words.get(option.name, option.default) for option in options}
        return super().parse_args(ctx, args)
