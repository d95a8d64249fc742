"""Text that anyone may have named (groups, datasets, experiments), as it stands in Markdown and in LaTeX.

Each function returns source that the syntax shows as the text it was given, on one line, whatever signs that holds.
HTML is escaped by Jinja2's autoescape; figures are drawn under :func:`fer.figures.literal`.
"""

import re
from collections.abc import Sequence

from tabulate import tabulate

# Signs with a meaning wherever they stand, in CommonMark or in what GitHub and MLflow add to it. An entity where not
# every dialect takes a backslash.
_MARKDOWN = [
    (re.compile(r"[\\`|~]"), r"\\\g<0>"),
    (re.compile(r"&(?=#?\w+;)"), "&amp;"),
    (re.compile(r"<(?=[A-Za-z/!?])"), "&lt;"),
    # Emphasis needs a neighbour that is no space; an underscore within a word is none.
    (re.compile(r"\*(?=\S)|(?<=\S)\*"), r"\*"),
    (re.compile(r"(?<![^\W_])_(?=\S)|(?<=\S)_(?![^\W_])"), r"\_"),
]
_LINK, _BRACKETS = re.compile(r"\](?=[(\[:])"), re.compile(r"[\[\]]")
# What makes a line that it begins a heading, a quotation, a list, a rule or a box to tick.
_LINE_START = re.compile(r"^(\d+(?=[.)])|(?=[#>+\-=*\[]))")

_LATEX = str.maketrans({sign: f"\\{sign}" for sign in "&%$#_{}"} | {
    "\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "`": r"\textasciigrave{}",
    "|": r"\textbar{}", "<": r"\textless{}", ">": r"\textgreater{}",
    "–": "--", "±": r"$\pm$", "×": r"$\times$", "−": "$-$", "\0": "{}",
})  # fmt: skip
# Two of these in a row are another sign in TeX's fonts; \0, which no text holds, keeps them apart.
_LIGATURE = re.compile(r"([-',])(?=\1)")
# After a row's end or an item these would be read as its argument.
_ARGUMENT = re.compile(r"^[\[*]")


def markdown(text: str, *, begins_line: bool = False, in_brackets: bool = False) -> str:
    r"""Return Markdown that shows ``text``, within the cell of a table too.

    ``begins_line``: it stands first in a paragraph or an item; ``in_brackets``: it is the text of a link or a picture.
    Signs that mean nothing where they stand are left as they are.

    Example:
        >>> print(markdown("Black|African, race*gender, a_b, 41.2 [30.1, 52.0], p < 0.001"))
        Black\|African, race\*gender, a_b, 41.2 [30.1, 52.0], p < 0.001

    """
    line = " ".join(text.split())
    for sign, escaped in _MARKDOWN:
        line = sign.sub(escaped, line)
    line = (_BRACKETS if in_brackets else _LINK).sub(r"\\\g<0>", line)
    if line.count("$") > 1:  # GitHub reads what stands between two as mathematics.
        line = line.replace("$", "&#36;")
    return _LINE_START.sub(r"\1\\", line) if begins_line else line


def markdown_table(headings: Sequence[str], rows: Sequence[Sequence[str]], numeric: Sequence[bool]) -> str:
    r"""Return a table as Markdown, its columns aligned; those that are ``numeric`` stand to the right.

    Example:
        >>> print(markdown_table(["group", "faces"], [["50%+", "84"], ["a|b", "7"]], [False, True]))
        | group   |   faces |
        |---------|---------|
        | 50%+    |      84 |
        | a\|b    |       7 |

    """
    cells = [list(map(markdown, row)) for row in (headings, *rows)]
    align = ["right" if number else "left" for number in numeric]
    return tabulate(cells[1:], headers=cells[0], tablefmt="github", colalign=align, disable_numparse=True)


def latex(text: str) -> str:
    r"""Return LaTeX that shows ``text``, also as the first cell of a row and as an item of a list.

    Example:
        >>> print(latex("50%+ of a_b, $0-$20k"))
        50\%+ of a\_b, \$0-\$20k

    """
    line = _LIGATURE.sub("\\1\0", " ".join(text.split())).translate(_LATEX)
    return _ARGUMENT.sub(r"{\g<0>}", line)
