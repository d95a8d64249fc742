"""Names that users give come out literally in every document and figure of a report."""

import html
import re

import pytest
from markdown_it import MarkdownIt
from matplotlib.text import Text

from analysis.fetch.evidence import with_attribute
from analysis.report import build_report, html_document, latex_document, markdown_document
from analysis.tables.columns import keys_of
from fer.data.attributes import Attribute
from fer.text.escaping import latex
from fer.tracking import names

# One for each sign with a meaning somewhere: in Markdown, HTML, LaTeX, Matplotlib or a path.
GROUPS = {"white": "Black|African", "mixed": "$0 (0%)-$20k (40%)", "black": "<script>alert(1)</script>"}
EXPERIMENTS = {"one only": "50%+ *only* a_b", "one + 50% two": "_x_ ^ & ~y~ #1", "one + 100% two": "[a](b) `c` \\d {e}"}
TEST = "../a|b*c"
ATTRIBUTE = Attribute.parse("faces*side (self-reported)")
ALL = [*(f"{group}_left" for group in GROUPS.values()), *EXPERIMENTS.values(), TEST, str(ATTRIBUTE)]


@pytest.fixture(scope="module")
def report(study, make_context):
    runs, predictions = study
    tables = {
        run: table.assign(**{"faces": table["race"].map(GROUPS), "side (self-reported)": "left"})
        for run, table in predictions.items()
    }
    column = f"tags.{names.EXPERIMENT}"
    plain = runs[[name for name in runs if "race" not in name]].assign(**{"params.test": TEST})
    plain[column] = plain[column].map(EXPERIMENTS)
    context = make_context(
        with_attribute(plain, tables, ATTRIBUTE), tables, attribute=ATTRIBUTE, replicates=50, baseline="50%+ *only* a_b"
    )
    return build_report(context, f"Study by {ATTRIBUTE}")


def test_in_html(report, page):
    shown = page(html_document(report))
    assert all(name in shown.text for name in ALL)
    assert not {tag for tag, _ in shown.seen} & {"script", "em"}


def test_in_markdown(report):
    rendered = MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(markdown_document(report))
    text = html.unescape(re.sub("<[^>]+>", "", rendered))
    assert all(name in text for name in ALL)
    assert not re.search("<(em|s|code|script|a)[ >]", rendered)
    # No pipe of a name has become the border of a cell.
    for table in re.findall("<table>.*?</table>", rendered, re.S):
        rows = [len(re.findall("<t[hd]", row)) for row in re.findall("<tr>.*?</tr>", table, re.S)]
        assert len(set(rows)) == 1


def test_in_latex(report):
    source = latex_document(report)
    assert all(latex(name) in source for name in ALL)
    for row in re.findall(r"^(.*) \\\\$", source, re.M):
        assert re.sub(r"\\[&%$#_{}]", "", row).count("%") == 0


def test_in_figures(report):
    texts = [text for picture in report.pictures() for text in picture.figure.findobj(Text)]
    shown = " ".join(" ".join(text.get_text().split()) for text in texts)
    assert not [name for name in ALL if name != TEST and name not in shown]
    assert not any(text.get_parse_math() for text in texts if "$" in text.get_text())


def test_in_the_names_of_files_nothing_leads_elsewhere(report):
    files = [block.name for section in report.sections for block in section.blocks]
    assert all(re.fullmatch(r"[\w-]+", name) for name in files)
    pictures = [picture.name for picture in report.pictures()]
    assert len(set(pictures)) == len(pictures)


def test_groups_are_named_as_in_the_data_not_as_on_the_server(report):
    table = next(table.frame for table in report.tables() if table.name == "accuracy_by_group")
    assert set(keys_of(table, "accuracy_percent")) == {f"{group}_left" for group in GROUPS.values()}
    assert "accuracy_percent_low/<script>alert(1)</script>_left" in table
