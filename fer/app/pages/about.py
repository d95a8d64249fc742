"""About, privacy and law."""

import streamlit as st

from fer.app.markup import paragraphs, table
from fer.app.pages import session

LAW = "https://eur-lex.europa.eu/eli/reg/2024/1689/oj"
_PRIVACY = ("camera", "files", "practice", "settings", "speech", "telemetry")


def page() -> None:
    """Show the page."""
    say = session.texts()
    st.title(say("about.heading"), anchor=False)
    for part in ("what", "not_for"):
        st.header(say(f"about.{part}"), anchor=False)
        st.html(paragraphs([say(f"about.{part}_text")]))
    st.header(say("about.privacy"), anchor=False)
    st.html(paragraphs([say("notice.stays"), say("notice.stored"), *(say(f"about.privacy_{one}") for one in _PRIVACY)]))
    st.html(paragraphs([say("notice.others")], "box"))
    st.header(say("about.law"), anchor=False)
    st.html(paragraphs([say("about.law_forbidden"), say("about.law_tell")]))
    st.html(f'<p><a href="{LAW}" rel="noreferrer">{say("about.law_source")}</a></p>')
    st.header(say("about.keys"), anchor=False)
    rows = [say(key).split(": ", 1) for key in say if key.startswith("about.key_rows.")]
    st.html(table(say("about.keys"), [say("about.key"), say("about.does")], rows, [False, False]))
    st.html(paragraphs([say("about.keys_off")]))
