"""Valid names of datasets, studies and their parts: a name is part of sample ids, paths, tables and messages."""

from fer.errors import InputError

LONGEST = 100
LONGEST_TITLE = 250


def check_name(name: str) -> None:
    """Raise InputError for a name that is empty, long, or contains characters not allowed in ids, paths and tables."""
    what, example = "the dataset's name", "fer2013"
    check_title(name, what, example, LONGEST)
    if set(name) & {"/", "\\"}:
        raise InputError(f"{what} {name!r} reads as a path; give one such as {example}.")


def check_title(title: str, what: str, example: str, longest: int = LONGEST_TITLE) -> None:
    """Raise InputError, naming ``what``, for a title that is empty, long, or not one line of printable characters."""
    shown = repr(title if len(title) <= longest else f"{title[:LONGEST]}...")
    remedy = f"give one such as {example}"
    if not title.strip():
        raise InputError(f"{what} {shown} is empty; {remedy}.")
    if len(title) > longest:
        raise InputError(f"{what} {shown} has {len(title):,} characters, {longest} are the most; {remedy}.")
    if title != title.strip() or not title.isprintable():
        raise InputError(f"{what} {shown} holds line ends, control characters or blanks around it; {remedy}.")
    if title in (".", ".."):
        raise InputError(f"{what} {shown} reads as a path; {remedy}.")
