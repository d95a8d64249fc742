"""A small valid study, and a function that writes study files."""

import pytest
import yaml


@pytest.fixture
def plain():
    """Return the content of a small valid study."""
    return {
        "name": "small",
        "about": "two drawn sets",
        "datasets": {
            "one": {"source": "synthetic", "title": "One"},
            "two": {"source": "fer2013", "title": "Two", "raw": "{data}/fer2013", "options": {"splits": "field"}},
        },
        "mixtures": [{"base": "one", "addition": "two", "fractions": [0, 0.1, "0.50"]}],
        "test": {"dataset": "two"},
        "seeds": [0, 1],
    }


@pytest.fixture
def write(tmp_path):
    """Return a writer of a study file: from its content, or from its text as it is."""

    def make(content):
        path = tmp_path / "study.yaml"
        path.write_text(content if isinstance(content, str) else yaml.safe_dump(content, sort_keys=False))
        return path

    return make
