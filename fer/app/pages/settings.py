"""Settings: language, speech, sounds, look."""

from typing import Any

import streamlit as st

from fer.app.pages import session
from fer.app.preferences import ORDERS, RATES, SIZES
from fer.app.telling.component import tell, voices
from fer.app.texts import LANGUAGES, texts_of
from fer.data.emotions import ALL_EMOTIONS


def page() -> None:
    """Show the page."""
    say = session.texts()
    st.title(say("settings.heading"), anchor=False)
    language_choice("language")
    _speech()
    _signals()
    _look()
    _switch("remember", help_text=say("settings.remember_help"))


def language_choice(key: str) -> None:
    """Let the user choose the language; each is named in its own."""
    say, settings = session.texts(), session.preferences()
    chosen = st.selectbox(
        say("settings.language"),
        LANGUAGES,
        index=LANGUAGES.index(settings.language),
        format_func=lambda code: texts_of(code)("language.name"),
        key=key,
    )
    _changed(language=chosen)


def _speech() -> None:
    say, settings = session.texts(), session.preferences()
    st.header(say("settings.speech"), anchor=False)
    _switch("speech", label="speech_on")
    # Names of voices are the browser's: shown as text, not read as anything else.
    known = {voice["uri"]: voice for voice in voices(say)}
    listed = ["", *known]
    voice = st.selectbox(
        say("settings.voice"),
        listed,
        index=listed.index(settings.voice) if settings.voice in listed else 0,
        format_func=lambda uri: _voice_name(known.get(uri)),
    )
    if known:
        _changed(voice=voice)
    low, high = RATES
    _changed(rate=st.slider(say("settings.rate"), low, high, settings.rate, 0.1))
    _changed(volume=st.slider(say("settings.volume"), 0.0, 1.0, settings.volume, 0.1))
    if st.button(say("settings.try")):
        st.session_state.trial = session.told(say("settings.trial"), "") | {"speech": True}
    orders = {name: say(f"settings.order_{name}") for name in ORDERS}
    order = st.radio(
        say("settings.order"), ORDERS, index=ORDERS.index(settings.order), format_func=lambda name: orders[name]
    )
    _changed(order=order)


def _voice_name(voice: dict[str, Any] | None) -> str:
    say = session.texts()
    if voice is None:
        return say("settings.voice_default")
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
    if tell("trial", say, settings.with_changes(extra), trial):
        session.switch_speech()


def _look() -> None:
    say, settings = session.texts(), session.preferences()
    st.header(say("settings.look"), anchor=False)
    _switch("contrast")
    size = st.radio(
        say("settings.text_size"),
        SIZES,
        index=SIZES.index(settings.size),
        format_func=lambda name: say(f"settings.sizes.{name}"),
        horizontal=True,
    )
    _changed(size=size)
    _switch("shortcuts")


def _switch(name: str, label: str = "", help_text: str | None = None) -> None:
    say, settings = session.texts(), session.preferences()
    on = st.toggle(say(f"settings.{label or name}"), value=getattr(settings, name), key=f"switch_{name}")
    if help_text:
        st.caption(help_text)
    _changed(**{name: on})


def _changed(**values: object) -> None:
    """Take a choice over; the page is shown anew at once, because what stands above may depend on it."""
    before = session.preferences()
    session.change(**values)
    if session.preferences() != before:
        st.rerun()
