"""Valid names of datasets: a name is part of sample ids, paths, tables and messages."""

from fer.errors import InputError

LONGEST = 100


def check_name(name: str) -> None:
    """Raise InputError for a name that is empty, long, or contains characters not allowed in ids, paths and tables."""
    shown = repr(name if len(name) <= LONGEST else f"{name[:LONGEST]}...")
    remedy = "give one such as fer2013"
    if not name.strip():
        raise InputError(f"the dataset's name {shown} is empty; {remedy}.")
    if len(name) > LONGEST:
        raise InputError(f"the dataset's name {shown} has {len(name):,} characters, {LONGEST} are the most; {remedy}.")
    if name != name.strip() or not name.isprintable():
        raise InputError(
            f"the dataset's name {shown} holds line ends, control characters or blanks around it; {remedy}."
        )
    if name in (".", "..") or set(name) & {"/", "\\"}:
        raise InputError(f"the dataset's name {shown} reads as a path; {remedy}.")
