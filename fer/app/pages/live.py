"""Live: the faces before the camera, told."""

from dataclasses import dataclass

import streamlit as st
from streamlit_webrtc import VideoSinkTrack, WebRtcMode, webrtc_streamer

from fer.app.camera import NO_SERVERS, WANTED, CameraFeed
from fer.app.channel import close_channel, open_channel
from fer.app.markup import paragraphs
from fer.app.pages import model as model_page
from fer.app.pages import pictures, session
from fer.app.telling.component import camera_button, tell_live
from fer.app.watching import Watch
from fer.live import Announcer, LiveModel
from fer.live.announcing import Order

_KNOWN_FAULTS = ("NotAllowedError", "NotFoundError", "NotReadableError", "insecure")


def page() -> None:
    """Show the page."""
    say = session.texts()
    st.title(say("live.heading"), anchor=False)
    opened = session.model()
    if opened is None:
        return
    model_page.name_and_warn(opened)
    if st.session_state.get("camera_on"):
        _camera(opened)
    else:
        _switched_off(opened)


def leave() -> None:
    """Switch the camera off, as its page is left."""
    st.session_state.camera_on = False
    held = st.session_state.pop("camera_held", None)
    if held is not None:
        close_channel(held.channel)
        held.feed.close()


def _switched_off(opened: LiveModel) -> None:
    """Show what switching the camera on means, the button that does it, and the way out for who has no camera."""
    say = session.texts()
    st.html(paragraphs([say("notice.camera_again")], "box"))
    fault = camera_button("camera_button", say)
    if fault == "":
        st.session_state.camera_fault = None
        st.session_state.camera_on = True
        st.rerun()
    if fault:
        st.session_state.camera_fault = fault
    if st.session_state.get("camera_fault"):
        session.warn(fault_sentence(st.session_state.camera_fault))
    with st.expander(say("live.snapshot"), expanded=bool(st.session_state.get("camera_fault"))):
        st.markdown(say("live.snapshot_help"))
        if st.toggle(say("live.snapshot_open"), key="snapshot_open"):
            taken = st.camera_input(say("live.snapshot_take"), key="snapshot")
            if taken is not None:
                pictures.show_picture(taken.getvalue(), say("live.snapshot_take"), opened)


def fault_sentence(fault: str) -> str:
    """Return why the camera cannot be had, and what to do, by the name of the browser's error."""
    say = session.texts()
    if fault in _KNOWN_FAULTS:
        return say(f"live.faults.{fault}")
    return say("live.faults.other", name=fault)


def _camera(opened: LiveModel) -> None:
    """Show the camera and what is told of it."""
    say = session.texts()
    if st.button(say("live.camera_off"), type="primary"):
        leave()
        st.rerun()
    if "camera_held" not in st.session_state:
        st.session_state.camera_held = _Held.of(opened)
    held: _Held = st.session_state.camera_held
    if tell_live("live", say, session.preferences(), held.channel):
        session.switch_speech()
    # At its first run the component is only put on the page, and says that it is there, which makes the second run. If
    # it were to start at once, that second run, with new arguments, would make it start again while it starts.
    held.runs += 1
    webrtc_streamer(
        key="camera",
        mode=WebRtcMode.SENDONLY,
        rtc_configuration=NO_SERVERS,
        media_stream_constraints=WANTED,
        sink_video_track=held.sink,
        desired_playing_state=held.runs > 1,
        media_toggle_controls=False,
    )


@dataclass
class _Held:
    """What is held while the camera is on, and how often the page was shown since."""

    feed: CameraFeed
    sink: VideoSinkTrack
    channel: str
    runs: int = 0

    @classmethod
    def of(cls, opened: LiveModel) -> "_Held":
        feed = CameraFeed(opened)
        order: Order = session.preferences().order  # type: ignore[assignment]
        channel = open_channel(Watch(feed, session.texts(), Announcer(order)))
        return cls(feed, VideoSinkTrack(feed.take), channel)
