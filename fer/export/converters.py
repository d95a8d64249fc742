"""Call converters of other packages: what they print is held back, and their errors become one sentence."""

import io
import warnings
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from typing import TypeVar

from fer.errors import InputError
from fer.quiet_tensorflow import native_stderr_held

Made = TypeVar("Made")
_SHOWN = 200


def quietly(work: Callable[[], Made], to: str) -> Made:
    """Return what a conversion makes, without its pages of messages; ``to`` is the format and precision in words.

    Raises InputError if it fails.
    """
    with (
        native_stderr_held(),
        redirect_stdout(io.StringIO()),
        redirect_stderr(io.StringIO()),
        warnings.catch_warnings(),
    ):
        # Of their own insides (deprecated names, statistics of inputs), which say nothing of a model.
        warnings.simplefilter("ignore")
        try:
            return work()
        except Exception as error:  # Of many kinds: MLIR's, protobuf's, plain ones.
            failure = error
    reason = (str(failure).strip() or type(failure).__name__).splitlines()[0][:_SHOWN].rstrip(". ")
    raise InputError(
        f"the model cannot be converted to {to} ({reason}); leave this format or precision out."
    ) from failure
