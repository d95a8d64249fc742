"""The error and the warning whose messages are written for users."""


class InputError(ValueError):
    """Input that cannot be used; the message is one sentence that names the thing and the remedy.

    Entry points print only this sentence and exit with code 2. Any other exception is a defect of the
    project and keeps its traceback.
    """


class DivergedError(InputError):
    """The loss became NaN or infinite; the same training would fail again in the same way."""


class FerWarning(UserWarning):
    """A fact about a result or this machine that users need to know and that the numbers do not show: one sentence."""
