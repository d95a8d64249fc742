"""Log a card on the open run, and show it in the model registry."""

from collections.abc import Sequence

from analysis.card.evidence import gather
from analysis.card.making import card_of
from analysis.render import render_table
from analysis.report.document_model import Report
from analysis.report.documents import conclusions_markdown, html_document, markdown_document
from fer.data.attributes import Attribute
from fer.escaping import markdown
from fer.tracking.registry import describe_version, registered_model
from fer.tracking.run_contents import describe_run, log_files

# The registry keeps no longer description.
_LONGEST = 5000


def log_card(model: str, attributes: Sequence[Attribute], use: str | None) -> str:
    """Log ``model_card.md`` and ``.html`` on the open run, describe the version in the registry; return Markdown."""
    registered = registered_model(model)
    card = card_of(gather(registered, attributes), use)
    markdown = markdown_document(card)
    log_files(texts={"model_card.md": markdown, "model_card.html": html_document(card)})
    summary = description_of(card)
    describe_run(summary)
    describe_version(registered, summary)
    return markdown


def description_of(card: Report) -> str:
    """Return the card cut to what the registry can show: its findings, then whole tables as long as they fit."""
    lacking = [f"- {markdown(sentence, begins_line=True)}" for sentence in card.lacking]
    parts = [markdown(card.about, begins_line=True), "", conclusions_markdown(card.conclusions), "", *lacking]
    tables = [f"**{markdown(table.title)}**\n\n{render_table(table.frame, 'markdown')}" for table in card.tables()]
    text = "\n".join(parts)[:_LONGEST]
    for table in tables:
        if len(text) + len(table) + 2 <= _LONGEST:
            text += f"\n\n{table}"
    return text
