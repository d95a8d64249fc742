"""A report as one self-contained HTML file, as Markdown and as LaTeX."""

import base64
import io
import re
from collections.abc import Callable

from jinja2 import Environment, PackageLoader, StrictUndefined
from matplotlib import rc_context

from analysis.render import render_table, shown_table
from analysis.report.document_model import Picture, Report, Section, Table

_SPECIAL = str.maketrans({sign: f"\\{sign}" for sign in "&%$#_{}"} | {
    "\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "–": "--", "±": r"$\pm$",
    ">": r"$>$", "<": r"$<$", "×": r"$\times$", "−": "$-$",
})  # fmt: skip
_SCREEN_DPI = 110


def html_document(report: Report) -> str:
    """Return the report as one HTML file that loads nothing: figures stand in it as data."""
    environment = Environment(
        loader=PackageLoader("analysis", "report"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    template = environment.get_template("template.html")
    return template.render(report=report, shown_table=shown_table, image=_embedded)


def markdown_document(report: Report) -> str:
    """Return the report as Markdown; figures are links to ``figures/<name>.png`` beside it."""
    parts = [
        f"# {report.title}",
        report.about,
        conclusions_markdown(report),
        _headed("## What could not be shown", report.lacking),
    ]
    for section in report.sections:
        parts += [f"## {section.title}", *section.text, *_blocks(section, _markdown_table, _markdown_picture)]
    return "\n\n".join(part for part in parts if part) + "\n"


def conclusions_markdown(report: Report) -> str:
    """Return the verdict, and what may and what may not be concluded, as Markdown."""
    told = report.conclusions
    parts = [f"**{told.verdict}**", _headed("**What may be concluded**", told.may)]
    return "\n\n".join(filter(None, [*parts, _headed("**What may not be concluded**", told.may_not)]))


def latex_document(report: Report) -> str:
    """Return the report as a LaTeX article; figures are ``figures/<name>.png`` beside it."""
    head = [
        r"\documentclass[a4paper]{article}",
        r"\usepackage[utf8]{inputenc}\usepackage[T1]{fontenc}\usepackage{lmodern,booktabs,graphicx,adjustbox}",
        r"\usepackage[section]{placeins}",  # A section's tables and figures stand before the next section.
        r"\usepackage[margin=2cm]{geometry}",
        rf"\title{{{_tex(report.title)}}}\date{{}}",
        r"\begin{document}\maketitle",
        _tex(report.about),
        rf"\paragraph{{Verdict.}} {_tex(report.conclusions.verdict)}",
        _tex_items("What may be concluded", report.conclusions.may),
        _tex_items("What may not be concluded", report.conclusions.may_not),
        _tex_items("What could not be shown", report.lacking),
    ]
    for section in report.sections:
        head += [rf"\section{{{_tex(section.title)}}}", *map(_tex, section.text)]
        head += _blocks(section, _latex_table, _latex_picture)
    return "\n\n".join(part for part in [*head, r"\end{document}"] if part) + "\n"


def _blocks(section: Section, table: Callable[[Table], str], picture: Callable[[Picture], str]) -> list[str]:
    return [table(block) if isinstance(block, Table) else picture(block) for block in section.blocks]


def _embedded(picture: Picture) -> str:
    kind, mime = ("png", "image/png") if picture.raster else ("svg", "image/svg+xml")
    buffer = io.BytesIO()
    # Without a date and with ids of their own, the same figures are the same file.
    with rc_context({"svg.hashsalt": picture.name}):
        picture.figure.savefig(buffer, format=kind, dpi=_SCREEN_DPI, metadata={} if picture.raster else {"Date": None})
    return f"data:{mime};base64,{base64.b64encode(buffer.getvalue()).decode()}"


def _headed(head: str, sentences: list[str]) -> str:
    return "\n".join([head, "", *(f"- {sentence}" for sentence in sentences)]) if sentences else ""


def _markdown_table(table: Table) -> str:
    return "\n\n".join(filter(None, [f"### {table.title}", render_table(table.frame, "markdown"), table.note]))


def _markdown_picture(picture: Picture) -> str:
    shown = f"![{picture.title}](figures/{picture.name}.png)"
    return "\n\n".join(filter(None, [f"### {picture.title}", shown, picture.note]))


def _latex_table(table: Table) -> str:
    body = re.sub("[–±−×]", lambda sign: sign[0].translate(_SPECIAL), render_table(table.frame, "latex"))
    boxed = rf"\begin{{adjustbox}}{{max width=\textwidth,max totalheight=.85\textheight}}{body}\end{{adjustbox}}"
    return _float("table", table.title, table.note, boxed)


def _latex_picture(picture: Picture) -> str:
    shown = rf"\includegraphics[width=\textwidth,height=.8\textheight,keepaspectratio]{{figures/{picture.name}.png}}"
    return _float("figure", picture.title, picture.note, shown)


def _float(kind: str, title: str, note: str, body: str) -> str:
    caption = _tex(f"{title}. {note}".strip())
    return f"\\begin{{{kind}}}[!htbp]\\centering\n{body}\n\\caption{{{caption}}}\n\\end{{{kind}}}"


def _tex_items(head: str, sentences: list[str]) -> str:
    items = [rf"\item {_tex(sentence)}" for sentence in sentences]
    return "\n".join([rf"\section*{{{head}}}", r"\begin{itemize}", *items, r"\end{itemize}"]) if items else ""


def _tex(text: str) -> str:
    return text.translate(_SPECIAL)
