"""Names of files that are made from what users name: groups, datasets, experiments."""

import hashlib

# A file system takes 255 bytes; while a file is written its name may be a little longer.
_LONGEST = 220
# The server adds to an image's name its step, the time and an id.
LONGEST_IMAGE = 120
_HASH = 8


def short_name(name: str, longest: int = _LONGEST) -> str:
    """Return a file's name, its ending included, in at most ``longest`` bytes of UTF-8.

    A longer one is cut before its ending, and a hash of the whole name keeps it apart from others that begin alike.

    Example:
        >>> short_name("confusion_FER2013 only.png")
        'confusion_FER2013 only.png'
        >>> short_name("a" * 300 + ".csv", 30)
        'aaaaaaaaaaaaaaaaa-f87ad7ea.csv'

    """
    if len(name.encode()) <= longest:
        return name
    stem, dot, ending = name.rpartition(".")
    tail = f"{dot}{ending}" if stem and ending.isalnum() and len(ending) < _HASH else ""
    tail = f"-{hashlib.sha256(name.encode()).hexdigest()[:_HASH]}{tail}"
    return name.encode()[: longest - len(tail.encode())].decode(errors="ignore") + tail
