"""Settings: language, speech, sounds, look."""

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from fer.app.pages import session
from fer.app.preferences import ORDERS, RATES, SIZES
from fer.app.telling.component import tell, voices
from fer.app.texts import LANGUAGES, texts_of
from fer.data.emotions import ALL_EMOTIONS


def page() -> None:
    """Show the page."""
    st.title(session.texts()("settings.heading"), anchor=False)
    language_choice()
    _speech()
    _signals()
    _look()
    _switch("remember")
    st.caption(session.texts()("settings.remember_help"))


def language_choice() -> None:
    """Let the user choose the language; each is named in its own."""
    label = session.texts()("settings.language")
    st.selectbox(label, LANGUAGES, format_func=lambda code: texts_of(code)("language.name"), **_bound("language"))


def _bound(name: str) -> dict[str, Any]:
    """Return what binds a control to a setting: it shows the setting, whatever changed it, and its change sets it."""
    key = f"setting_{name}"
    st.session_state[key] = getattr(session.preferences(), name)

    def changed() -> None:
        session.change(**{name: st.session_state[key]})

    return {"key": key, "on_change": changed}


def _speech() -> None:
    say, settings = session.texts(), session.preferences()
    st.header(say("settings.speech"), anchor=False)
    _switch("speech", "speech_on")
    known = {voice["uri"]: voice for voice in voices(say)}
    # A voice of another browser or language stays listed, so that what is chosen is what is shown.
    listed = list(dict.fromkeys(["", *known, settings.voice]))
    st.selectbox(say("settings.voice"), listed, format_func=lambda uri: _voice_name(uri, known), **_bound("voice"))
    low, high = RATES
    st.slider(say("settings.rate"), low, high, step=0.1, **_bound("rate"))
    st.slider(say("settings.volume"), 0.0, 1.0, step=0.1, **_bound("volume"))
    if st.button(say("settings.try")):
        st.session_state.trial = session.told(say("settings.trial"), "") | {"speech": True}
    _radio("order", "order", ORDERS, lambda name: say(f"settings.order_{name}"))


def _voice_name(uri: str, known: dict[str, dict[str, Any]]) -> str:
    """Return what is shown for a voice."""
    say, voice = session.texts(), known.get(uri)
    if not uri:
        return say("settings.voice_default")
    if voice is None:
        return uri
    return str(voice["name"]) if voice["local"] else say("settings.voice_online", name=voice["name"])


def _signals() -> None:
    say, settings = session.texts(), session.preferences()
    st.header(say("settings.signals"), anchor=False)
    _switch("sounds")
    with st.container(horizontal=True):
        for emotion in ALL_EMOTIONS:
            if st.button(say("settings.hear", emotion=say.emotion(emotion)), key=f"hear_{emotion}"):
                st.session_state.trial = session.told(say.emotion(emotion), emotion) | {"sounds": True}
    _switch("vibration")
    trial = st.session_state.get("trial")
    extra = {name: trial[name] for name in ("speech", "sounds") if name in trial} if trial else {}
    if tell("trial_telling", say, settings.with_changes(extra), trial):
        session.switch_speech()


def _look() -> None:
    say = session.texts()
    st.header(say("settings.look"), anchor=False)
    _switch("contrast")
    _radio("size", "text_size", SIZES, lambda name: say(f"settings.sizes.{name}"))
    _switch("shortcuts")


def _switch(name: str, label: str = "") -> None:
    st.toggle(session.texts()(f"settings.{label or name}"), **_bound(name))


def _radio(name: str, label: str, options: Sequence[str], shown: Callable[[str], str]) -> None:
    st.radio(session.texts()(f"settings.{label}"), options, format_func=shown, horizontal=True, **_bound(name))
