"""A picture's faces, shown and told."""

import streamlit as st

from fer.app.boxes import draw_scene, rgb_copy
from fer.app.markup import table
from fer.app.pages import session
from fer.app.telling.component import tell
from fer.app.words import labels_of, picture_words, place_word
from fer.errors import InputError
from fer.live import LiveModel, Scene, read_picture, still_scene


def show_picture(content: bytes, name: str, opened: LiveModel) -> None:
    """Show a picture with its faces, as a table and as told; a file that cannot be read gives a sentence."""
    try:
        picture = read_picture(content, name)
        scene = still_scene(opened.reader, opened.threshold, picture)
    except InputError as error:
        session.warn(str(error))
        return
    _tell(name, scene)
    say = session.texts()
    st.image(draw_scene(rgb_copy(picture), scene, say), alt=say("files.picture_alt"), width="stretch")
    if scene.faces:
        headings = [say(f"files.{key}") for key in ("face", "place", "emotion", "probability")]
        rows = [
            [str(number), place_word(face, scene, say), *labels_of(face, say)]
            for number, face in enumerate(scene.faces, start=1)
        ]
        st.html(table(say.count("files.faces", len(rows)), headings, rows, [False, False, False, True]))


def _tell(name: str, scene: Scene) -> None:
    say, settings = session.texts(), session.preferences()
    said = picture_words(scene, say)
    if st.session_state.get("picture_told", {}).get("of") != (name, said):
        only = scene.faces[0].emotion or "unsure" if len(scene.faces) == 1 else ""
        st.session_state.picture_told = {"of": (name, said), "told": session.told(said, only)}
    if tell("picture_told_part", say, settings, st.session_state.picture_told["told"]):
        session.switch_speech()
