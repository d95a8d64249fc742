"""Names that users give (groups, columns) as parts of names on the tracking server, and back.

A metric's name is made of parts between slashes: ``test/race/accuracy/white``. A group may have any name, but the
server allows letters, digits and ``_ - . : space`` only. What it does not allow is written as a code, so that two names
never become one and a name can be read back.
"""

import hashlib
import re

# As version 0.1.0 wrote the signs of "<18", ">60" and "60+".
_WORDS = {"<": "under_", ">": "over_", "+": "_plus"}
_SIGNS = {word: sign for sign, word in _WORDS.items()}
# What a part may not hold as it is: what the server refuses, the colon that marks a code, what would be read as one of
# the words, blanks at an end, and a name of dots only, which is a place in a path.
_CODED = re.compile(r"[^\w.\- <>+]|(?<=under)[_+]|(?<=over)[_+]|_(?=plus)|^ | $|^\.(?=\.*$)")
_EMPTY = "::"
_READ = re.compile("|".join([*map(re.escape, _SIGNS), r":([0-9a-f]{1,6}):"]))
# Two parts, a split and a metric fit into the 250 characters of a name on the server.
_LONGEST = 100
_HASH = 8


def metric_part(name: str) -> str:
    """Return a name as one part of a metric's name: no slash, and no character that the server refuses.

    ``<``, ``>`` and ``+`` become ``under_``, ``over_`` and ``_plus``; any other character that cannot stay becomes its
    code point in hexadecimal digits between colons. Different names have different parts. One of more than 100
    characters is cut, and a hash keeps it apart.

    Example:
        >>> metric_part("60+"), metric_part("Asian_Pacific"), metric_part("Asian/Pacific"), metric_part("60_plus")
        ('60_plus', 'Asian_Pacific', 'Asian:2f:Pacific', '60:5f:plus')

    """
    coded = _CODED.sub(lambda found: code(found[0]), name)
    for sign, word in _WORDS.items():
        coded = coded.replace(sign, word)
    return shortened(coded or _EMPTY)


def name_of_part(part: str) -> str:
    """Return the name that :func:`metric_part` made a part of.

    A part that it did not make (cut, or logged by version 0.1.0, which lost the characters) is returned as it is.

    Example:
        >>> name_of_part("60_plus"), name_of_part("Asian:2f:Pacific"), name_of_part("Asian_Pacific")
        ('60+', 'Asian/Pacific', 'Asian_Pacific')

    """
    name = decoded(part)
    return name if metric_part(name) == part else part


def decoded(part: str) -> str:
    """Return a part with its words and codes read, whatever made it."""
    return "" if part == _EMPTY else _READ.sub(_sign, part)


def code(sign: str) -> str:
    """Return the code of a character: its code point in hexadecimal digits between colons."""
    return f":{ord(sign):x}:"


def shortened(part: str) -> str:
    """Return a part in at most 100 characters; the end of a longer one is a colon and a hash of all of it."""
    if len(part) <= _LONGEST:
        return part
    kept = part[: _LONGEST - _HASH - 1]
    if kept.count(":") % 2:  # Not within a code.
        kept = kept[: kept.rindex(":")]
    return f"{kept}:{hashlib.sha256(part.encode(errors='surrogatepass')).hexdigest()[:_HASH]}"


def _sign(found: re.Match[str]) -> str:
    if found[1] is None:
        return _SIGNS[found[0]]
    point = int(found[1], 16)
    return chr(point) if point <= 0x10FFFF else found[0]
