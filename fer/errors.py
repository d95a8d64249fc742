"""The one error a user is meant to read: what is wrong with the input, and the remedy."""


class InputError(ValueError):
    """Input that cannot be used; the message is one sentence that names the thing and the remedy.

    Entry points print the sentence alone and exit with code 2. Any other exception is a defect of the
    project and keeps its traceback.
    """


class DivergedError(InputError):
    """The loss became no number: the same training would come to it again."""
