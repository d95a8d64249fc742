"""What a user is meant to read: the one error, and the one kind of warning."""

from fer.redaction import redacted


class InputError(ValueError):
    """Input that cannot be used; the message is one sentence that names the thing and the remedy.

    Entry points print the sentence alone and exit with code 2. Any other exception is a defect of the
    project and keeps its traceback. As text, an address in the message stands without its credentials.
    """

    def __str__(self) -> str:
        """Return the message without passwords and keys: it is printed, logged and kept in tags."""
        return redacted(super().__str__())


class DivergedError(InputError):
    """The loss became no number: the same training would come to it again."""


class FerWarning(UserWarning):
    """What a user must know of a result, or of this machine, and could not tell from the figures: one sentence."""
