"""The report context of a small study, without a server, and a reader of HTML."""

from html.parser import HTMLParser

import pandas as pd
import pytest

from analysis.experiments.evidence import Evidence
from analysis.report import ReportContext


class Page(HTMLParser):
    """What is on a page: ``seen``, its tags with their attributes, and ``text``, what a reader sees."""

    def __init__(self, source):
        super().__init__()
        self.seen, self.open, self.parts = [], [], []
        self.feed(source)
        assert not self.open, f"not closed: {self.open}"
        self.text = " ".join("".join(self.parts).split())

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))
        if tag not in ("meta", "img", "br", "link"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.parts.append(data)


@pytest.fixture(scope="session")
def page():
    """Return a function that reads HTML; every tag that it opens must be closed."""
    return Page


@pytest.fixture(scope="session")
def make_context(study):
    """Return a maker of contexts of ``study``: white in 12 clips, mixed in 4, black in one; few replicates."""

    def make(runs=None, predictions=None, **further):
        runs, predictions = (study[0] if runs is None else runs), (study[1] if predictions is None else predictions)
        return ReportContext(
            Evidence(runs, predictions, pd.DataFrame(columns=["run_id"])), **{"replicates": 200, **further}
        )

    return make


@pytest.fixture(scope="session")
def context(make_context):
    """Return the context of ``study``."""
    return make_context()
