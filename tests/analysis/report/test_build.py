"""Sections are functions of the context: what a report says does not depend on the order in which they are made."""

from functools import cached_property

import pandas as pd
import pytest

from analysis.report import ReportContext, build_report, html_document, latex_document, markdown_document
from analysis.report.build import SECTIONS, build_section, put_together, with_file_names
from analysis.report.conclusions import conclusions
from analysis.report.document_model import Section, Table


def documents(report):
    return html_document(report), markdown_document(report), latex_document(report)


@pytest.fixture(scope="module")
def made(make_context):
    """Return a context and the report of it."""
    context = make_context(replicates=50)
    return context, build_report(context, "Title")


@pytest.fixture(scope="module")
def straight(made):
    return documents(made[1])


def test_the_order_in_which_sections_are_made_does_not_change_the_report(make_context, straight):
    context = make_context(replicates=50)
    conclusions(context)
    backwards = {name: build_section(name, context) for name in reversed(SECTIONS)}
    assert documents(put_together(context, "Title", backwards)) == straight


def test_a_second_report_is_the_same_and_the_frames_of_the_context_are_as_they_were(made, straight):
    context = made[0]
    names = [name for name, value in vars(ReportContext).items() if isinstance(value, cached_property)]
    frames = {name: getattr(context, name) for name in names}
    frames = {name: value for name, value in frames.items() if isinstance(value, pd.DataFrame)}
    assert {"intervals", "differences", "disparities", "front", "compared"} <= set(frames)
    before = {name: frame.copy() for name, frame in frames.items()}
    assert documents(build_report(context, "Title")) == straight
    for name, frame in frames.items():
        pd.testing.assert_frame_equal(frame, before[name])


def test_the_first_page_comes_before_every_table_and_what_is_lacking_last_in_all_forms(made, straight, page):
    web, markdown, latex = straight
    for text in (page(web).text, markdown, latex.replace("\\%", "%")):
        parts = (
            "raised accuracy from 58 to 86 %",
            "This is claimed for",
            "is a single cluster",
            "the primary family of the report",
        )
        assert sorted(map(text.index, parts)) == [text.index(part) for part in parts]
        assert text.rindex("What could not be shown") > text.rindex("Families of p-values")
    assert next(made[1].tables()).name == "primary"


def test_what_a_section_lacks_is_reported_once(made, make_context):
    lacking = build_section("Audits and slices", make_context(replicates=50)).lacking
    assert sum("shares with its test" in sentence for sentence in lacking) == 3
    assert set(lacking) <= set(made[1].lacking) and len(set(made[1].lacking)) == len(made[1].lacking)


def test_a_context_cannot_be_changed(context):
    with pytest.raises(AttributeError):
        context.split = "train"


def test_files_have_names_of_their_own_within_a_folder():
    tables = [Table(name, name, pd.DataFrame()) for name in ("a/b", "a|b", "../x", "A_B", "n" * 300, "emotion é")]
    shown = with_file_names([Section("One", blocks=tables[:2]), Section("Two", blocks=tables[2:])])
    names = [block.name for section in shown for block in section.blocks]
    assert names == ["a_b", "a_b_2", "___x", "A_B_3", "n" * 200, "emotion_é"]


def test_a_report_says_how_its_models_were_made(made):
    section = next(section for section in made[1].sections if section.title == "How this was made")
    tables = {block.name: block.frame for block in section.blocks}
    assert tables["trainings"]["experiment"].tolist() == ["one only", "one + 50% two", "one + 100% two"]
    assert tables["trainings"]["seed"].tolist() == ["0, 1"] * 3
    assert set(tables["runs"]["run_id"]) == set(made[0].runs["run_id"])
