"""HTML, Markdown and LaTeX of one report: self-contained, escaped, the same numbers."""

import re
import shutil
import subprocess
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from analysis.report import Picture, Report, Section, Table, html_document, latex_document, markdown_document
from analysis.report.document_model import Conclusions

NASTY = "<script>alert(1)</script> & 50% a_b"


def has_latex():
    packages = ["adjustbox.sty", "placeins.sty", "lmodern.sty", "booktabs.sty"]
    if shutil.which("pdflatex") is None:
        return False
    return subprocess.run(["kpsewhich", *packages], capture_output=True, check=False).returncode == 0


class Tags(HTMLParser):
    """Collect tags with their attributes, and that every opened one is closed."""

    def __init__(self):
        super().__init__()
        self.seen, self.open = [], []

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))
        if tag not in ("meta", "img", "br", "link"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


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


def test_html_is_one_file_that_loads_nothing(report):
    parser = Tags()
    text = html_document(report)
    parser.feed(text)
    assert not parser.open
    assert {tag for tag, _ in parser.seen} & {"script", "link", "iframe"} == set()
    sources = [given[key] for _, given in parser.seen for key in ("src", "href") if key in given]
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


def test_all_three_tell_the_same(report):
    for text in (html_document(report), markdown_document(report), latex_document(report)):
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
