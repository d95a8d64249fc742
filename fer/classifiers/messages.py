"""What libraries say of a model that they refuse, as part of a sentence."""

_SHOWN = 200


def first_line(error: BaseException) -> str:
    """Return the first line of an error without its full stop, cut after 200 characters; without a text, its class."""
    return (str(error).strip() or type(error).__name__).splitlines()[0][:_SHOWN].rstrip(". ")
