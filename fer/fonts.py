"""Fonts for the texts in figures: Matplotlib's own has no Chinese, Japanese, Korean, Devanagari, ... characters."""

import contextlib
import functools
import warnings
from collections.abc import Iterable

from matplotlib import rcParams
from matplotlib.font_manager import FontPath, FontProperties, findfont, findSystemFonts, fontManager, get_font

from fer.errors import FerWarning

# Has a box, labelled by the script, for every character; named as a family, Matplotlib does not warn of its use.
_BOXES = "Last Resort High-Efficiency"
_MOST_SHOWN = 12
_told: set[str] = set()


def further_families(texts: Iterable[str]) -> list[str]:
    """Return the font families to use after those of ``rcParams["font.family"]``, so that all texts can be read.

    Empty where these have all characters. Of characters that no installed font has it warns, once per process; they
    are drawn as boxes.
    """
    lacking = {sign for sign in set("".join(texts)) if not sign.isspace()} - _in_use(tuple(rcParams["font.family"]))
    if not lacking:
        return []
    families, left = _covering(frozenset(lacking))
    if not left:
        return list(families)
    if not left <= _told:
        _told.update(left)
        shown = "".join(sorted(left)[:_MOST_SHOWN])
        warnings.warn(
            f"no installed font has the characters {shown}: figures show boxes instead; install one that has them, "
            "such as the Noto fonts (https://fonts.google.com/noto).",
            FerWarning,
            stacklevel=2,
        )
    return [*families, _BOXES]


@functools.cache
def _in_use(families: tuple[str, ...]) -> frozenset[str]:
    """Return the characters of the fonts that Matplotlib takes of these families."""
    found = (findfont(FontProperties(family=[family])) for family in families)
    return frozenset().union(*map(_characters, found))


@functools.cache
def _covering(lacking: frozenset[str]) -> tuple[tuple[str, ...], frozenset[str]]:
    """Return as few installed families as have these characters, and the characters that none has."""
    families, left = _chosen(lacking)
    if left and _add_new_fonts():
        families, left = _chosen(lacking)
    return families, left


def _chosen(lacking: frozenset[str]) -> tuple[tuple[str, ...], frozenset[str]]:
    """Return the same of the fonts that Matplotlib has listed: of fonts with equally many, one without serifs."""
    fonts = {
        font.name: FontPath(font.fname, font.index)
        for font in fontManager.ttflist
        if font.name != _BOXES and font.style == "normal" and font.weight in ("normal", 400)
    }
    known = {name: lacking & _characters(fonts[name]) for name in sorted(fonts)}
    chosen: list[str] = []
    left = lacking
    while left:
        best = max(known, key=lambda name: (len(left & known[name]), *(word in name for word in ("Noto", "Sans"))))
        if not left & known[best]:
            break
        chosen.append(best)
        left -= known[best]
    return tuple(chosen), left


def _add_new_fonts() -> bool:
    """List the fonts that were installed since Matplotlib, which keeps its list, looked for them."""
    listed = {font.fname for font in fontManager.ttflist}
    new = [path for path in findSystemFonts() if path not in listed]
    for path in new:
        # A font that Matplotlib cannot read.
        with contextlib.suppress(OSError, RuntimeError, ValueError):
            fontManager.addfont(path)
    return bool(new)


def _characters(font: FontPath) -> frozenset[str]:
    try:
        return frozenset(map(chr, get_font(font).get_charmap()))
    except (OSError, RuntimeError):  # Removed since it was listed, or not readable.
        return frozenset()
