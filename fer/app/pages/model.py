"""The model: which one it is, for whom it is how often right, and what it is not for."""

import math

import streamlit as st

from fer.app.choices import model_label
from fer.app.markup import bullets, paragraphs, table
from fer.app.pages import session
from fer.app.texts import Texts
from fer.live import CardFacts, LiveModel, Threshold


def page() -> None:
    """Show the page."""
    say = session.texts()
    st.title(say("model.heading"), anchor=False)
    _choose(say)
    opened = session.model()
    if opened is None:
        return
    name_and_warn(opened)
    english = "en" if say.code != "en" else ""
    if english:
        st.html(paragraphs([say("model.english")]))
    st.html(paragraphs([opened.facts.what], language=english))
    _accuracy(opened.facts, say)
    _threshold(opened, say)
    for part, sentences in (("trained", opened.facts.trained_on), ("limits", opened.facts.limits),
                            ("lacking", opened.facts.lacking)):  # fmt: skip
        if sentences:
            st.header(say(f"model.{part}"), anchor=False)
            st.html(bullets(sentences, english))


def name_and_warn(opened: LiveModel) -> None:
    """Name the model in use, and warn if nobody knows for whom it works, or if its threshold promises nothing."""
    say = session.texts()
    st.html(paragraphs([say("model.used", name=opened.name)]))
    if not opened.facts.evaluated_by_group:
        st.html(paragraphs([say("model.unevaluated")], "warning"))


def _choose(say: Texts) -> None:
    st.session_state.address_choice = session.address()

    def changed() -> None:
        st.session_state.address = st.session_state.address_choice

    addresses = session.addresses()
    st.selectbox(say("model.choose"), addresses, format_func=model_label, key="address_choice", on_change=changed)


def _accuracy(facts: CardFacts, say: Texts) -> None:
    """Show one table per test set and attribute."""
    if not facts.measured:
        return
    st.header(say("model.accuracy"), anchor=False)
    headings = [say(f"model.{key}") for key in ("group", "count", "right", "interval")]
    for test_set, attribute in dict.fromkeys((one.test_set, one.attribute) for one in facts.measured):
        rows = []
        for one in facts.measured:
            if (one.test_set, one.attribute) != (test_set, attribute):
                continue
            rows.append([
                _group(attribute, one.group, say), f"{one.faces}", say.percent(one.accuracy, 1),
                interval(one.low, one.high, say),
            ])  # fmt: skip
        by = say("model.by_emotion") if attribute == "emotion" else attribute
        caption = say("model.accuracy_caption", test_set=test_set, attribute=by)
        st.html(table(caption, headings, rows, [False, True, True, True]))


def _threshold(opened: LiveModel, say: Texts) -> None:
    threshold: Threshold = opened.threshold
    english = "en" if say.code != "en" else ""
    st.header(say("model.threshold"), anchor=False)
    sentences = [say("model.threshold_rule", value=say.percent(threshold.value), aim=say.percent(threshold.aim))]
    if threshold.chosen_on:
        sentences.append(say("model.threshold_chosen", datasets=", ".join(threshold.chosen_on)))
    if opened.left_out:
        words = ", ".join(say.emotion(name) for name in opened.left_out)
        sentences.append(say("model.left_out", emotions=words))
    st.html(paragraphs(sentences))
    if threshold.remark:
        st.html(paragraphs([threshold.remark], "warning", english))
    if threshold.groups:
        headings = [say(f"model.{key}") for key in ("group", "count", "told", "told_right", "interval")]
        rows = [
            [
                f"{_group(one.attribute, one.group, say)} ({_attribute(one.attribute, say)})", f"{one.faces}",
                say.percent(one.coverage, 1), _share(one.accuracy, say), interval(one.low, one.high, say),
            ]
            for one in threshold.groups
        ]  # fmt: skip
        st.html(table(say("model.threshold_caption"), headings, rows, [False, True, True, True, True]))
    if threshold.not_estimated:
        st.html(paragraphs([say("model.no_promise")]) + bullets(threshold.not_estimated, english))


def interval(low: float, high: float, say: Texts) -> str:
    """Return an interval of shares, or that it cannot be estimated."""
    if math.isnan(low) or math.isnan(high):
        return say("model.not_estimated")
    return f"{say.percent(low, 1)} – {say.percent(high, 1)}"


def _share(share: float, say: Texts) -> str:
    return say("model.not_estimated") if math.isnan(share) else say.percent(share, 1)


def _attribute(name: str, say: Texts) -> str:
    return say("model.by_emotion") if name == "emotion" else name


def _group(attribute: str, group: str, say: Texts) -> str:
    if group == "all":
        return say("model.all")
    return say.emotion(group) if attribute == "emotion" else group
