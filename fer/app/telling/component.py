"""The parts of a page that tell and listen: components of Streamlit that stand in the page itself, without a frame."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from fer.app.camera import WANTED
from fer.app.preferences import Preferences
from fer.app.texts import Texts

_FOLDER = Path(__file__).parent
_TELLING = ("sounds.js", "speech.js", "keys.js", "view.js", "channel.js", "telling.js")
_BUTTON = '<button type="button" class="fer-button {kind}"></button>'
_LABELS = ("repeat", "silence", "speak", "keys", "no_voice", "faces", "none_now", "waiting")


def _text(*names: str) -> str:
    return "\n".join((_FOLDER / name).read_text(encoding="utf-8") for name in names)


@cache
def _component(name: str) -> Callable[..., Any]:
    """Return a component by name, registered at its first use."""
    parts = {
        "telling": (_text("telling.html"), _TELLING),
        "live": (_text("viewer.html", "telling.html"), _TELLING),
        "camera": (_BUTTON.format(kind="primary"), ("camera.js",)),
        "memory": ("<span hidden></span>", ("memory.js",)),
        "voices": ("<span hidden></span>", ("speech.js", "voices.js")),
        "listening": (_BUTTON.format(kind="") + '<p role="status"></p>', ("keys.js", "listening.js")),
    }
    html, scripts = parts[name]
    return st.components.v2.component(
        f"fair_fer_{name}",
        html=html,
        css=_text("telling.css"),
        js=_text(*scripts),
        isolate_styles=False,
    )


def tell(key: str, texts: Texts, preferences: Preferences, told: dict[str, Any] | None) -> bool:
    """Show and say what is told; return whether the user asked to switch speech on or off.

    told: ``number`` (another number is told anew), ``text`` and ``emotion`` (its name for sounds, or empty); None:
    nothing yet.
    """
    return _tell("telling", key, texts, preferences, {"told": told, "channel": None})


def tell_live(key: str, texts: Texts, preferences: Preferences, channel: str) -> bool:
    """Show the browser's camera, and what is told of it by a channel, see :mod:`fer.app.channel`; return as above."""
    return _tell("live", key, texts, preferences, {"told": None, "channel": channel})


def _tell(name: str, key: str, texts: Texts, preferences: Preferences, data: dict[str, Any]) -> bool:
    labels = {one: texts(f"told.{one}") for one in _LABELS} | {"video": texts("live.video")}
    common = {"labels": labels, "preferences": preferences.as_mapping(), "tag": texts("language.tag"), "wanted": WANTED}
    return bool(_component(name)(key=key, data=common | data, on_speech_change=_nothing).speech)


def camera_button(key: str, texts: Texts) -> str | None:
    """Show the button that switches the camera on; return why it cannot be had, empty if it can, None if not pressed.

    The reason is the name of the browser's error, such as ``NotAllowedError``, or ``insecure``.
    """
    data = {"label": texts("live.camera_on"), "starting": texts("live.starting"), "wanted": WANTED}
    result = _component("camera")(key=key, data=data, on_camera_change=_nothing)
    return None if result.camera is None else str(result.camera["fault"])


def remembered(texts: Texts, save: Preferences | None) -> Any:
    """Return the settings that the browser remembers, unchecked, once it has answered; ``save`` is given to it.

    None: it has not answered yet. Otherwise a mapping with ``settings``, which is None if there are none.
    """
    data = {"tag": texts("language.tag"), "save": None if save is None else save.as_mapping()}
    return _component("memory")(key="memory", data=data, on_stored_change=_nothing).stored


def voices(texts: Texts) -> list[dict[str, Any]]:
    """Return the browser's voices for the language: ``uri``, ``name``, ``local``; empty until it has answered."""
    return (
        _component("voices")(key="voices", data={"tag": texts("language.tag")}, on_voices_change=_nothing).voices or []
    )


def listen(key: str, texts: Texts, shortcuts: bool, note: str) -> list[str] | None:
    """Show the button that listens; return what was heard, the best guess first, None if nothing was asked."""
    data = {
        "label": texts("practice.listen"),
        "listening": texts("practice.listening"),
        "none": texts("practice.no_recognition"),
        "note": note,
        "tag": texts("language.tag"),
        "shortcuts": shortcuts,
    }
    heard = _component("listening")(key=key, data=data, on_heard_change=_nothing).heard
    return None if heard is None else [str(guess) for guess in heard]


def _nothing() -> None:
    """Do nothing: Streamlit knows a component's values by their callbacks."""
