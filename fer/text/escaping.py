"""Escape text of any origin (names of groups, datasets, experiments) for Markdown and LaTeX.

Each function returns source that is rendered as the given text, on one line, whatever characters the text contains.
HTML is escaped by Jinja2's autoescape; figures are drawn under :func:`fer.figures.literal`.
"""

import re
from collections.abc import Sequence

from tabulate import tabulate

# Characters with a meaning anywhere in a line, in CommonMark or in the extensions of GitHub and MLflow. An entity is
# used where not every dialect accepts a backslash.
_MARKDOWN = [
    (re.compile(r"[\\`|~]"), r"\\\g<0>"),
    (re.compile(r"&(?=#?\w+;)"), "&amp;"),
    (re.compile(r"<(?=[A-Za-z/!?])"), "&lt;"),
    # Emphasis needs a neighbour that is not a space; an underscore within a word has no meaning.
    (re.compile(r"\*(?=\S)|(?<=\S)\*"), r"\*"),
    (re.compile(r"(?<![^\W_])_(?=\S)|(?<=\S)_(?![^\W_])"), r"\_"),
]
_LINK, _BRACKETS = re.compile(r"\](?=[(\[:])"), re.compile(r"[\[\]]")
# At the start of a line these make a heading, a quotation, a list, a rule or a checkbox.
_LINE_START = re.compile(r"^(\d+(?=[.)])|(?=[#>+\-=*\[]))")

_LATEX = str.maketrans({sign: f"\\{sign}" for sign in "&%$#_{}"} | {
    "\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "`": r"\textasciigrave{}",
    "|": r"\textbar{}", "<": r"\textless{}", ">": r"\textgreater{}",
    "–": "--", "±": r"$\pm$", "×": r"$\times$", "−": "$-$", "\0": "{}",
})  # fmt: skip
# Two of these in a row are a ligature in TeX's fonts; \0, which no text contains, separates them.
_LIGATURE = re.compile(r"([-',])(?=\1)")
# After the end of a table row or \item, these would be read as its argument.
_ARGUMENT = re.compile(r"^[\[*]")


def markdown(text: str, *, begins_line: bool = False, in_brackets: bool = False) -> str:
    r"""Return Markdown that is rendered as ``text``, also within a table cell.

    ``begins_line``: the text is at the start of a paragraph or a list item; ``in_brackets``: it is the text of a link
    or an image. Characters without a meaning in their place are left unchanged.

    Example:
        >>> print(markdown("Black|African, race*gender, a_b, 41.2 [30.1, 52.0], p < 0.001"))
        Black\|African, race\*gender, a_b, 41.2 [30.1, 52.0], p < 0.001

    """
    line = " ".join(text.split())
    for sign, escaped in _MARKDOWN:
        line = sign.sub(escaped, line)
    line = (_BRACKETS if in_brackets else _LINK).sub(r"\\\g<0>", line)
    if line.count("$") > 1:  # GitHub reads text between two dollar signs as mathematics.
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
    r"""Return LaTeX that is rendered as ``text``, also in the first cell of a row and as a list item.

    Example:
        >>> print(latex("50%+ of a_b, $0-$20k"))
        50\%+ of a\_b, \$0-\$20k

    """
    line = _LIGATURE.sub("\\1\0", " ".join(text.split())).translate(_LATEX)
    return _ARGUMENT.sub(r"{\g<0>}", line)
