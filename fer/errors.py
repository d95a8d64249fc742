"""The error and the warning whose messages are written for users."""

from collections.abc import Sequence

from fer.redaction import redacted

_LONGEST_SHOWN = 80


class InputError(ValueError):
    """Input that cannot be used; the message is one sentence that names the thing and the remedy.

    Entry points print only this sentence and exit with code 2. Any other exception is a defect of the
    project and keeps its traceback. As text, the message shows addresses without their credentials.
    """

    def __str__(self) -> str:
        """Return the message without passwords and keys: it is printed, logged and kept in tags."""
        return redacted(super().__str__())


def refuse_repeated(values: Sequence[object], what: str) -> None:
    """Raise InputError, naming ``what``, if a value occurs twice."""
    for place, value in enumerate(values):
        if value in values[:place]:
            raise InputError(f"{what}: {value} is given twice; keep one of them.")


def shown(value: object) -> str:
    """Return a value as a message quotes it: its repr, cut after 80 characters.

    Example:
        >>> shown("1_0")
        "'1_0'"

    """
    text = repr(value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}..."


class DivergedError(InputError):
    """The loss became NaN or infinite; the same training would fail again in the same way."""


class FerWarning(UserWarning):
    """A fact about a result or this machine that users need to know and that the numbers do not show: one sentence."""
