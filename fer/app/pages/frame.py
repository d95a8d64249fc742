"""What every page has: the gate, the notice at the first start, the settings' effects, and the navigation."""

import time

import streamlit as st

from fer.app.markup import paragraphs
from fer.app.options import started_with
from fer.app.pages import about, files, live, model, practice, session, settings
from fer.app.styles import styles
from fer.app.telling.component import remembered

NOTICE = ("computed", "stays", "stored", "others")
LAW = "https://eur-lex.europa.eu/eli/reg/2024/1689/oj"


def show() -> None:
    """Show the app to one browser."""
    say = session.texts()
    st.set_page_config(page_title=say("app.title"), layout="centered")
    _remember()
    st.html(styles(session.preferences()))
    pages = {
        "live": live.page,
        "files": files.page,
        "practice": practice.page,
        "model": model.page,
        "settings": settings.page,
        "about": about.page,
    }
    listed = [
        st.Page(page, title=say(f"nav.{name}"), url_path=name, default=name == "live") for name, page in pages.items()
    ]
    # Also while the pages are not shown yet, so that the address of a page leads to it in the end.
    inside = _may_enter() and bool(st.session_state.get("noticed"))
    chosen = st.navigation(listed, position="top" if inside else "hidden")
    if chosen.url_path not in ("", "live"):
        live.leave()
    if inside:
        chosen.run()
    elif _may_enter():
        _notice()
    else:
        _ask_secret()


def _remember() -> None:
    """Take the settings that the browser remembers, once, and give it those to be remembered."""
    known = "remembered" in st.session_state
    found = remembered(session.texts(), session.preferences() if known else None)
    if known or found is None:
        return
    st.session_state.remembered = True
    stored = found.get("settings") if hasattr(found, "get") else None
    if stored is not None:
        changed = session.preferences().with_changes(dict(stored))
        if changed != session.preferences():
            st.session_state.preferences = changed
            st.rerun()


def _may_enter() -> bool:
    """Return whether this browser may use the app."""
    return started_with().gate is None or bool(st.session_state.get("entered"))


def _ask_secret() -> None:
    """Ask for the shared secret."""
    gate = started_with().gate
    say = session.texts()
    st.title(say("access.heading"), anchor=False)
    st.html(paragraphs([say("access.why")]))
    with st.form("access"):
        given = st.text_input(say("access.secret"), type="password", autocomplete="current-password")
        asked = st.form_submit_button(say("access.enter"), type="primary")
    if not asked or gate is None:
        return
    wait = gate.wait(time.monotonic())
    if wait > 0:
        session.warn(say("access.wait", seconds=round(wait + 0.5)))
    elif gate.opens(given, time.monotonic()):
        st.session_state.entered = True
        st.rerun()
    else:
        session.warn(say("access.wrong"))


def _notice() -> None:
    """Show what must be known before anything is computed."""
    say = session.texts()
    st.title(say("notice.heading"), anchor=False)
    settings.language_choice()
    st.html(paragraphs([say(f"notice.{name}") for name in NOTICE]))
    st.header(say("notice.law_heading"), anchor=False)
    st.html(paragraphs([say("notice.law")]))
    st.html(f'<p><a href="{LAW}" rel="noreferrer">{say("notice.source")} (EUR-Lex)</a></p>')
    if st.button(say("notice.read"), type="primary"):
        st.session_state.noticed = True
        st.rerun()
