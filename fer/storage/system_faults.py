"""Faults of the disk and of the system, as one sentence for users."""

import errno
import re
import resource

from fer.storage.working_folders import temporary_root

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_FORBIDDEN = (errno.EROFS, errno.EACCES, errno.EPERM)
_FILES = (errno.EMFILE, errno.ENFILE)
_OTHERS = (errno.ENAMETOOLONG, errno.EIO, errno.ENOTDIR, errno.ELOOP, errno.ESTALE)
_SHOWN = 200


def system_fault(error: BaseException) -> str | None:
    """Return the fault of the system behind an error, as a sentence with a remedy; None if there is none.

    The errors that it was raised from are looked at too, and the numbers in the texts of libraries that keep only the
    text of an OSError.
    """
    one: BaseException | None = error
    while one is not None:
        numbers = [one.errno] if isinstance(one, OSError) else []
        numbers += [int(number) for number in re.findall(r"\[?[Ee]rrno (\d+)", str(one))]
        for number in numbers:
            sentence = _sentence(number, one)
            if sentence is not None:
                return sentence
        one = one.__cause__ or one.__context__
    return None


def _sentence(number: int | None, error: BaseException) -> str | None:
    named = getattr(error, "filename", None)
    place = f" ({shortened(str(named))})" if named else ""
    if number in _NO_ROOM:
        return (
            f"a disk is full{place}; free space, or use another folder: output, FER_CACHE, and TMPDIR, which is "
            f"{temporary_root()}."
        )
    if number in _FILES:
        most = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        return f"the system allows no more open files{place}; allow more than {most} with ulimit -n, and start again."
    if number in _FORBIDDEN:
        return (
            f"the system does not allow this{place or ' to be read or written'}: {_reason(error)}; use another place."
        )
    if number in _OTHERS:
        return f"a file cannot be used{place}: {_reason(error)}; use another place."
    return None


def shortened(text: str) -> str:
    """Return text for a message: printable, of at most 200 characters."""
    shown = text.encode(errors="backslashreplace").decode()
    shown = shown if shown.isprintable() else repr(shown)[1:-1]
    return shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}..."


def _reason(error: BaseException) -> str:
    reason = getattr(error, "strerror", None) or str(error).splitlines()[0]
    return shortened(reason.lower())
