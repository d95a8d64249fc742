"""Texts of any script in figures."""

import warnings

import pandas as pd
import pytest
from matplotlib.text import Text

from fer import figures, fonts
from fer.errors import FerWarning

# Of the fonts here, none but that of boxes has it.
UNKNOWN = "\U00013000"


@pytest.fixture(autouse=True)
def nothing_said(monkeypatch):
    monkeypatch.setattr(fonts, "_told", set())


def drawn(group, tmp_path):
    counts = pd.DataFrame({"total": [3, 4], "happy": [1, 2], "sad": [2, 2]}, index=["white", group])
    figure = figures.distribution(counts, f"by {group}")
    figure.savefig(tmp_path / "figure.png")
    figure.savefig(tmp_path / "figure.svg")
    return {text.get_text(): text.get_fontfamily() for text in figure.findobj(Text)}


def test_usual_names_keep_the_usual_font(tmp_path):
    assert drawn("años 60+", tmp_path)["by años 60+"] == ["sans-serif"]


def test_characters_that_no_font_has_are_boxes_and_are_named_once(tmp_path, monkeypatch):
    monkeypatch.setattr(fonts, "_covering", lambda lacking: ((), lacking))
    with pytest.warns(FerWarning, match=f"no installed font has the characters {UNKNOWN}: .* install"):
        families = drawn(UNKNOWN, tmp_path)
    assert families[f"by {UNKNOWN}"] == ["sans-serif", "Last Resort High-Efficiency"]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        drawn(UNKNOWN, tmp_path)


def test_a_font_that_has_the_characters_is_used_after_the_usual_one(tmp_path):
    sign = "\u2a03"  # Of the fonts that Matplotlib brings, STIX has it and the usual one does not.
    families = drawn(sign, tmp_path)[f"by {sign}"]
    assert families[0] == "sans-serif" and len(families) == 2 and families[1] != "Last Resort High-Efficiency"
