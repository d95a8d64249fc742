"""Names of files that are made from what users name: groups, datasets, experiments."""

import hashlib
import re
from collections.abc import Sequence

# A file system takes 255 bytes; while a file is written its name may be a little longer.
_LONGEST = 220
# The server adds to an image's name its step, the time and an id.
_LONGEST_IMAGE = 120
_HASH = 8
# What a file's name does not hold: a code of fer.text.name_parts counts as one character; in keys of images MLflow
# refuses what is not ASCII.
_REFUSED = re.compile(r":[0-9a-f]*:|[^\w\-. ]|^[. ]|[. ]$")
_REFUSED_IN_KEYS = re.compile(rf"{_REFUSED.pattern}|[^ -~]")


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
    tail = f"-{_hash(name)}{tail}"
    return name.encode()[: longest - len(tail.encode())].decode(errors="ignore") + tail


def file_part(name: str, endings: Sequence[str] = ()) -> str:
    """Return a name as the beginning of a file's name: letters, digits and ``_ - . space`` only, no dot or blank first.

    A name that is not like that is cleaned, and a hash of it keeps it apart from others. So is one that ends in one of
    ``endings``, which the project puts after the names of others.

    Example:
        >>> file_part("race_x_gender"), file_part("ethnicity :28:self-reported:29:")
        ('race_x_gender', 'ethnicity _self-reported_-b444baf3')

    """
    cleaned = _REFUSED.sub("_", name)
    return name if cleaned == name and not name.endswith(tuple(endings)) else f"{cleaned}-{_hash(name)}"


def image_key(key: str) -> str:
    """Return the key of an image on the server: as :func:`file_part`, in ASCII and of at most 120 characters.

    Example:
        >>> image_key("groups_race"), image_key("groups_日本")
        ('groups_race', 'groups___-3a72fec7')

    """
    cleaned = _REFUSED_IN_KEYS.sub("_", key)
    return short_name(key if cleaned == key else f"{cleaned}-{_hash(key)}", _LONGEST_IMAGE)


def _hash(name: str) -> str:
    return hashlib.sha256(name.encode(errors="surrogatepass")).hexdigest()[:_HASH]
