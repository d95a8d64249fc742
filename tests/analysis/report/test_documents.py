"""HTML, Markdown and LaTeX of one report: self-contained, escaped, the same numbers."""

import re
import shutil
import subprocess

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from analysis.report import Picture, Report, Section, Table, html_document, latex_document, markdown_document
from analysis.report.document_model import Conclusions
from analysis.report.documents import conclusions_markdown, conclusions_text

NASTY = "<script>alert(1)</script> & 50% a_b"


def has_latex():
    packages = ["adjustbox.sty", "placeins.sty", "lmodern.sty", "booktabs.sty"]
    if shutil.which("pdflatex") is None:
        return False
    return subprocess.run(["kpsewhich", *packages], capture_output=True, check=False).returncode == 0


@pytest.fixture(scope="module")
def report():
    figure = Figure(figsize=(2, 1))
    figure.subplots().plot([0, 1])
    frame = pd.DataFrame({"experiment": [NASTY, "b"], "accuracy": [41.25, np.nan], "accuracy_low": [30.0, np.nan],
                          "accuracy_high": [52.0, np.nan]})  # fmt: skip
    blocks = [Table("results", f"Results of {NASTY}", frame, "Percent."), Picture("curve", "Curve", figure, "A note."),
              Picture("faces", "Faces", figure, raster=True)]  # fmt: skip
    told = Conclusions("Nothing holds.", ["It was measured."], [f"More than {NASTY}."])
    return Report("Title", "About.", told, [Section("Results", ["A sentence."], blocks)], ["x: it lacks predictions."])


def test_html_is_one_file_that_loads_nothing(report, page):
    text = html_document(report)
    seen = page(text).seen
    assert {tag for tag, _ in seen} & {"script", "link", "iframe"} == set()
    sources = [given[key] for _, given in seen for key in ("src", "href") if key in given]
    assert all(source.startswith(("data:image/", "#")) for source in sources)
    assert [source.split(";")[0] for source in sources if source.startswith("data")] == [
        "data:image/svg+xml", "data:image/png",
    ]  # fmt: skip
    assert "url(" not in text and "@import" not in text


def test_what_users_name_is_escaped_everywhere(report):
    assert "<script>" not in html_document(report)
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; 50% a_b" in html_document(report)
    body = latex_document(report)
    assert re.search(r"(?<!\\)%", body) is None
    assert (
        re.search(r"(?<!\\)&(?! *\S+ *\\\\)", re.sub(r"\\begin\{tabular\}.*?\\end\{tabular\}", "", body, flags=re.S))
        is None
    )
    assert r"50\% a\_b" in body


def test_all_three_show_the_same(report, page):
    for text in (page(html_document(report)).text, markdown_document(report), latex_document(report)):
        for word in (
            "Nothing holds.",
            "It was measured.",
            "A sentence.",
            "41.2 (30.0 to 52.0)",
            "x: it lacks predictions.",
        ):
            assert word in text, word
    assert "](figures/curve.png)" in markdown_document(report)
    assert r"\includegraphics" in latex_document(report) and "{figures/curve.png}" in latex_document(report)


def test_the_same_report_is_the_same_file(report):
    assert html_document(report) == html_document(report)


def test_a_long_table_scrolls_in_a_box_that_says_so_and_a_wide_one_too(page):
    def shown(rows, columns):
        frame = pd.DataFrame({f"column {number}": [f"a name {number}"] * rows for number in range(columns)})
        return html_document(Report("T", "A.", Conclusions("V."), [Section("S", blocks=[Table("t", "T", frame)])]))

    assert "60 rows: scroll down within the table." in page(shown(60, 2)).text
    assert "scroll" not in page(shown(12, 2)).text
    assert "20 columns: scroll sideways." in page(shown(2, 20)).text
    assert 'class="narrow">20' not in shown(2, 20) and 'class="narrow">6' in shown(2, 6)


def test_conclusions_are_plain_on_a_terminal_and_escaped_in_markdown(report):
    conclusions = Conclusions("race*gender, race*age.", ["a*b and c*d."], ["None."])
    assert conclusions_text(conclusions) == (
        "race*gender, race*age.\n\nWhat may be concluded\n- a*b and c*d.\n\nLimits\n- None."
    )
    assert conclusions_markdown(conclusions) == (
        "**race\\*gender, race\\*age.**\n\n**What may be concluded**\n\n- a\\*b and c\\*d.\n\n**Limits**\n\n- None."
    )


def test_an_image_has_its_title_as_text(report):
    assert 'alt="Curve"' in html_document(report)


@pytest.mark.skipif(not has_latex(), reason="pdflatex or one of the packages that the report asks for is not installed")
def test_latex_compiles(report, tmp_path):
    (tmp_path / "figures").mkdir()
    for picture in report.pictures():
        picture.figure.savefig(tmp_path / "figures" / f"{picture.name}.png")
    (tmp_path / "report.tex").write_text(latex_document(report))
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "report.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout[-2000:]
    assert (tmp_path / "report.pdf").stat().st_size > 10_000


def test_a_run_links_to_its_page_in_html_alone(page):
    run, address = "0" * 32, "https://mlflow.example.org/#/experiments/3/runs/" + "0" * 32
    table = Table("runs", "Runs", pd.DataFrame({"run_id": [run, "other"]}), links={run: address})
    report = Report("T", "A.", Conclusions("V."), [Section("S", blocks=[table])])
    links = [given["href"] for tag, given in page(html_document(report)).seen if tag == "a"]
    assert links == ["#section-1", address]
    assert run in markdown_document(report) and "http" not in markdown_document(report) + latex_document(report)


def test_of_a_very_long_table_a_document_shows_the_first_rows_and_says_where_the_others_are(page):
    frame = pd.DataFrame({"experiment": [f"cell {number:04d}" for number in range(700)], "seed": 0})
    told = Report("T", "A.", Conclusions("V."), [Section("S", [], [Table("runs", "Runs", frame, "A note.")])])
    sentence = "A note. These are the first 500 of 700 rows; runs.csv holds all of them."
    assert sentence in page(html_document(told)).text
    for text in (html_document(told), markdown_document(told)):
        assert text.count("cell 0") == 500 and "first 500 of 700 rows; runs.csv" in text
    body = latex_document(told)
    assert body.count("cell 0") == 100 and "first 100 of 700 rows; runs.csv" in body
    short = Report("T", "A.", Conclusions("V."), [Section("S", [], [Table("runs", "Runs", frame[:100])])])
    for make in (html_document, markdown_document, latex_document):
        assert "rows;" not in make(short) and make(short).count("cell 0") == 100
