"""Tables and boxes of a page as HTML, in which every text is escaped: names of groups and files may hold anything."""

from collections.abc import Sequence
from html import escape


def table(caption: str, headings: Sequence[str], rows: Sequence[Sequence[str]], numeric: Sequence[bool]) -> str:
    """Return a table; the first cell of each row is its heading; columns that are ``numeric`` stand to the right.

    Example:
        >>> table("c", ["group", "faces"], [["a<b", "7"]], [False, True]).count("<td")
        1

    """
    classes = [' class="number"' if number else "" for number in numeric]
    head = "".join(f'<th scope="col"{kind}>{escape(one)}</th>' for one, kind in zip(headings, classes, strict=True))
    body = []
    for row in rows:
        cells = [f"<td{kind}>{escape(one)}</td>" for one, kind in zip(row[1:], classes[1:], strict=True)]
        body.append(f'<tr><th scope="row">{escape(row[0])}</th>{"".join(cells)}</tr>')
    # A region that scrolls can be reached by keyboard, and has a name (WCAG 2.1.1).
    return (
        f'<div class="fer-scroll" tabindex="0" role="region" aria-label="{escape(caption)}"><table class="fer-table">'
        f"<caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table></div>"
    )


def paragraphs(sentences: Sequence[str], kind: str = "", language: str = "") -> str:
    """Return sentences as paragraphs of one box; ``kind``: ``box``, ``warning`` or none; ``language``: if another."""
    style = f' class="fer-{kind}"' if kind else ""
    lang = f' lang="{escape(language)}"' if language else ""
    return f"<div{style}{lang}>{''.join(f'<p>{escape(one)}</p>' for one in sentences)}</div>"


def bullets(sentences: Sequence[str], language: str = "") -> str:
    """Return sentences as a list."""
    lang = f' lang="{escape(language)}"' if language else ""
    return f"<ul{lang}>{''.join(f'<li>{escape(one)}</li>' for one in sentences)}</ul>"
