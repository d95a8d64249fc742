"""A card shortened to the length that the model registry accepts."""

from analysis.render import render_table
from analysis.report.document_model import Report
from analysis.report.documents import conclusions_markdown
from fer.text.escaping import markdown

# The longest description that the registry accepts.
_LONGEST = 5000


def description_of(card: Report) -> str:
    """Return the card shortened for the registry: its conclusions, then whole tables as long as they fit."""
    lacking = [f"- {markdown(sentence, begins_line=True)}" for sentence in card.lacking]
    parts = [markdown(card.about, begins_line=True), "", conclusions_markdown(card.conclusions), "", *lacking]
    tables = [f"**{markdown(table.title)}**\n\n{render_table(table.frame, 'markdown')}" for table in card.tables()]
    text = "\n".join(parts)[:_LONGEST]
    for table in tables:
        if len(text) + len(table) + 2 <= _LONGEST:
            text += f"\n\n{table}"
    return text
