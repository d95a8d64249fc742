"""Picture or video: a file of the user's, read in memory."""

import streamlit as st

from fer.app.markup import paragraphs, table
from fer.app.pages import model as model_page
from fer.app.pages import pictures, session
from fer.app.server import MOST_MEGABYTES
from fer.app.timeline import MOST_ROWS, Timeline, read_scenes
from fer.errors import InputError
from fer.live import LiveModel, UploadedVideo, read_video

_VIDEOS = ("mp4", "m4v", "mov", "avi", "mkv", "webm", "mpg", "mpeg")
_PICTURES = ("jpg", "jpeg", "png", "webp", "bmp", "gif", "tif", "tiff")


def page() -> None:
    """Show the page."""
    say = session.texts()
    st.title(say("files.heading"), anchor=False)
    opened = session.model()
    if opened is None:
        return
    model_page.name_and_warn(opened)
    st.html(paragraphs([say("files.limits", megabytes=MOST_MEGABYTES), say("files.not_kept")]))
    given = st.file_uploader(say("files.choose"), type=[*_PICTURES, *_VIDEOS])
    if given is None:
        return
    content = given.getvalue()
    if given.name.lower().endswith(tuple(f".{ending}" for ending in _VIDEOS)):
        _video(content, given.name, given.file_id, opened)
    else:
        pictures.show_picture(content, given.name, opened)


def _video(content: bytes, name: str, key: str, opened: LiveModel) -> None:
    """Show what the faces of a video seem to show; read once, and again for another file or model."""
    wanted = (key, opened.address)
    if st.session_state.get("video_of") != wanted:
        try:
            video = read_video(content, name)
        except InputError as error:
            session.warn(str(error))
            return
        # Kept before it is read: whoever stops the reading sees what was read until then.
        timeline = Timeline()
        st.session_state.update(video_of=wanted, video_timeline=timeline, video_remark=video.remark)
        _read(video, timeline, opened)
    if st.session_state.video_remark:
        st.html(paragraphs([st.session_state.video_remark], "box", "en"))
    _show(st.session_state.video_timeline)


def _read(video: UploadedVideo, timeline: Timeline, opened: LiveModel) -> None:
    """Read a video, with a bar of how far it is; a damaged rest is left out, and said."""
    say = session.texts()
    place = st.empty()
    with place.container():
        bar = st.progress(0.0, text=say("files.video_reading"))
        st.button(say("files.video_stop"))

    def report(seconds: float) -> None:
        if video.seconds:
            bar.progress(min(1.0, seconds / video.seconds), text=say("files.video_reading"))

    try:
        for scene in read_scenes(video, opened, report):
            timeline.add(scene)
    except InputError as error:
        st.session_state.video_remark = f"{video.remark} {error}".strip()
    place.empty()


def _show(timeline: Timeline) -> None:
    say = session.texts()
    st.html(f'<p role="status">{say("files.video_done", seconds=say.number(timeline.seconds, 1))}</p>')
    rows = timeline.rows(say)
    if not rows:
        st.html(paragraphs([say("files.no_face")]))
        return
    headings = [say("files.when"), say("files.face"), say("files.emotion")]
    st.html(table(say("files.timeline"), headings, rows[:MOST_ROWS], [False, False, False]))
    st.download_button(say("files.save"), timeline.as_csv(), "faces.csv", "text/csv", on_click="ignore")
