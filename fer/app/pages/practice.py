"""Practice in reading faces."""

from datetime import UTC, datetime
from typing import Any

import numpy as np
import streamlit as st

from fer.app.markup import bullets, paragraphs
from fer.app.options import started_with
from fer.app.pages import session
from fer.app.practice.faces import PARTS, PracticeFace, drawn_face, most_telling
from fer.app.practice.hearing import heard_emotion
from fer.app.practice.own_faces import own_faces
from fer.app.practice.pointing import with_rings
from fer.app.practice.scheduling import STRENGTHS, Answer, Question, confusions, next_question
from fer.app.telling.component import listen, tell
from fer.app.texts import Texts
from fer.data.emotions import EMOTIONS
from fer.sentinels import AUTO


def page() -> None:
    """Show the page."""
    say = session.texts()
    st.title(say("practice.heading"), anchor=False)
    folder = started_with().faces
    source = None if folder is None else own_faces(folder)
    emotions = EMOTIONS if source is None else source.emotions
    st.html(paragraphs([say("practice.drawn") if source is None else say("practice.own", name=source.name)]))
    if "question" not in st.session_state:
        _ask(emotions)
    question: Question = st.session_state.question
    seed = int(st.session_state.seed)
    face = drawn_face(question, seed) if source is None else source.face(question, seed)
    answer: Answer | None = st.session_state.answer
    _show(face, answer, say)
    _feedback(answer, say)
    if answer is None:
        _take_answer(question, emotions, say)
    else:
        shortcut = "n" if session.preferences().shortcuts else None
        st.button(say("practice.next"), type="primary", shortcut=shortcut, on_click=_ask, args=(emotions,))
    if source is None:
        _difficulty(say)
    _progress(say)


def _ask(emotions: tuple[str, ...]) -> None:
    """Choose the next face."""
    chance = np.random.default_rng()
    strength = st.session_state.get("strength", AUTO)
    st.session_state.question = next_question(
        session.progress().answers, emotions, chance, None if strength == AUTO else strength
    )
    st.session_state.seed = int(chance.integers(2**32))
    st.session_state.answer = None
    st.session_state.practice_told = session.told(session.texts()("practice.intro"), "")


def _answered(emotion: str) -> None:
    """Keep an answer; a second one to the same face, by a key held too long, is none."""
    if st.session_state.answer is not None:
        return
    say, question = session.texts(), st.session_state.question
    now = datetime.now(UTC).isoformat(timespec="seconds")
    answer = Answer(question.shown, emotion, question.other, question.strength, now)
    session.progress().add(answer)
    st.session_state.answer = answer
    st.session_state.practice_told = session.told(_verdict(answer, say), question.shown)


def _verdict(answer: Answer, say: Texts) -> str:
    shown = say.emotion(answer.shown)
    if answer.right:
        return say("practice.right", emotion=shown)
    return say("practice.wrong", answer=say.emotion(answer.answered), emotion=shown)


def _show(face: PracticeFace, answer: Answer | None, say: Texts) -> None:
    if answer is None:
        st.image(face.picture, alt=say("practice.alt_asked"))
    else:
        st.image(with_rings(face), alt=say("practice.alt_shown", emotion=say.emotion(answer.shown)))


def _feedback(answer: Answer | None, say: Texts) -> None:
    """Tell the question or the verdict, and what to look at."""
    settings = session.preferences()
    if tell("practice_telling", say, settings, st.session_state.practice_told):
        session.switch_speech()
    if answer is None:
        return
    st.header(say("practice.look_at"), anchor=False)
    hints = [
        f"{number} {say(f'practice.{part}')}: {say(f'hints.{answer.shown}.{part}')}"
        for number, part in enumerate(PARTS, start=1)
    ]
    st.html(bullets(hints))
    parts = [] if answer.right else most_telling(answer.shown, answer.answered)
    if parts:
        named = ", ".join(say(f"practice.{part}").lower() for part in parts)
        words = {"answer": say.emotion(answer.answered), "emotion": say.emotion(answer.shown)}
        st.html(paragraphs([say("practice.most_telling", parts=named, **words)], "box"))


def _take_answer(question: Question, emotions: tuple[str, ...], say: Texts) -> None:
    settings = session.preferences()
    st.header(say("practice.answer"), anchor=False)
    with st.container(horizontal=True):
        for number, emotion in enumerate(emotions, start=1):
            st.button(
                say.emotion(emotion),
                key=f"answer_{emotion}",
                shortcut=str(number) if settings.shortcuts else None,
                on_click=_answered,
                args=(emotion,),
            )
    if settings.shortcuts:
        st.caption(say("practice.keys", count=len(emotions)))
    if st.toggle(say("practice.allow_voice"), key="voice_answers"):
        heard = listen("listening", say, settings.shortcuts, st.session_state.get("heard_note", ""))
        if heard is not None:
            meant = heard_emotion(heard, say, emotions)
            if meant is None:
                st.session_state.heard_note = say("practice.not_heard")
            else:
                st.session_state.heard_note = ""
                _answered(meant)
            st.rerun()
    else:
        st.caption(say("practice.recognition_sent"))


def _difficulty(say: Texts) -> None:
    names = {AUTO: say("practice.difficulty_auto")} | {name: say(f"practice.difficulties.{name}") for name in STRENGTHS}
    st.session_state.strength_choice = st.session_state.get("strength", AUTO)

    def changed() -> None:
        st.session_state.strength = st.session_state.strength_choice

    label = say("practice.difficulty")
    st.selectbox(label, list(names), format_func=names.__getitem__, key="strength_choice", on_change=changed)


def _progress(say: Texts) -> None:
    """Show the progress, save it, erase it."""
    kept = session.progress()
    st.header(say("practice.progress"), anchor=False)
    right = sum(answer.right for answer in kept.answers)
    sentences = [say.count("practice.summary", len(kept.answers), right=right)]
    for shown, answered, times, of in confusions(kept.answers)[:1]:
        words: dict[str, Any] = {"shown": say.emotion(shown), "answered": say.emotion(answered)}
        sentences.append(say("practice.confused", times=times, of=of, **words))
    sentences.append(say("practice.session") if kept.file is None else say("practice.stays", path=kept.file))
    st.html(paragraphs(sentences))
    if kept.unwritable:
        session.warn(say("practice.unwritable", path=kept.file))
    with st.container(horizontal=True):
        st.download_button(
            say("practice.export_json"), kept.as_json(), "practice.json", "application/json", on_click="ignore"
        )
        st.download_button(say("practice.export_csv"), kept.as_csv(), "practice.csv", "text/csv", on_click="ignore")
    _erase(say)


def _erase(say: Texts) -> None:
    """Erase all answers, after asking."""
    kept = session.progress()
    if not st.session_state.get("erasing"):
        if st.session_state.pop("erased", False):
            st.html(f'<p role="status">{say("practice.erased")}</p>')
        st.button(say("practice.erase"), on_click=lambda: st.session_state.update(erasing=True))
        return
    st.html(paragraphs([say("practice.erase_sure")], "warning"))
    with st.container(horizontal=True):
        st.button(say("practice.erase_yes"), on_click=_erase_now, args=(kept,))
        st.button(say("practice.erase_no"), on_click=lambda: st.session_state.update(erasing=False))


def _erase_now(kept: Any) -> None:
    kept.erase()
    st.session_state.update(erasing=False, erased=True)
