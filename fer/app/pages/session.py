"""What one browser's session holds: its settings, its model, its progress in practice."""

from typing import Any

import streamlit as st

from fer.app.choices import model_addresses
from fer.app.options import started_with
from fer.app.practice.progress import Progress, progress_file
from fer.app.preferences import Preferences
from fer.app.texts import Texts, language_of, texts_of
from fer.errors import InputError
from fer.live import LiveModel, open_live


def preferences() -> Preferences:
    """Return the settings of this browser; at first its language."""
    if "preferences" not in st.session_state:
        st.session_state.preferences = Preferences(language=language_of(st.context.locale))
    settings: Preferences = st.session_state.preferences
    return settings


def change(**changes: object) -> None:
    """Change settings."""
    st.session_state.preferences = preferences().with_changes(changes)


def switch_speech() -> None:
    """Switch speech on or off, and show the page anew."""
    change(speech=not preferences().speech)
    st.rerun()


def texts() -> Texts:
    """Return the texts of the chosen language."""
    return texts_of(preferences().language)


def address() -> str:
    """Return the address of the chosen model."""
    if "address" not in st.session_state:
        st.session_state.address = addresses()[0]
    return str(st.session_state.address)


def addresses() -> list[str]:
    """Return the addresses of the models that can be chosen."""
    return model_addresses(started_with().model)


def model() -> LiveModel | None:
    """Return the chosen model, opened; where it cannot be, say why, and return None: the app goes on."""
    wanted = address()
    held = st.session_state.get("model")
    if held is not None and held[0] == wanted:
        opened: LiveModel = held[1]
        return opened
    say = texts()
    try:
        with st.spinner(say("model.opening")):
            opened = open_live(wanted, started_with().detector)
    except InputError as error:
        warn(say("model.failed", reason=error))
        return None
    st.session_state.model = (wanted, opened)
    return opened


def warn(sentence: str) -> None:
    """Show a sentence that must not be missed; as text, whatever is in it, and told by screen readers at once."""
    from fer.app.markup import paragraphs

    st.html(f'<div role="alert">{paragraphs([sentence], "warning")}</div>')


def progress() -> Progress:
    """Return the progress of practice: in a file of this machine, unless other machines use the app too."""
    if "progress" not in st.session_state:
        st.session_state.progress = Progress(None if started_with().shared else progress_file())
    kept: Progress = st.session_state.progress
    return kept


def told(text: str, emotion: str) -> dict[str, Any]:
    """Return what is told next, with a number of its own."""
    st.session_state.told_number = st.session_state.get("told_number", 0) + 1
    return {"number": st.session_state.told_number, "text": text, "emotion": emotion}
