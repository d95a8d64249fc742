"""The description of a study's run: what the server keeps of verdicts, tables and conclusions."""

import pytest

from analysis.study_report import Options, _description
from fer.record import DESCRIPTION_LENGTH

TABLE = "## Results\n\n| experiment | accuracy |\n|---|---|\n| one only | 57.2 |"


def test_verdicts_and_tables_come_before_the_sentences():
    text = _description(["**By race.**\n\n- a", "**By gender.**\n\n- b"], TABLE)
    assert text == f"**By race.**\n\n**By gender.**\n\n{TABLE}\n\n- a\n\n- b"


def test_a_long_description_keeps_its_tables_and_ends_with_a_whole_sentence():
    sentences = [f"- sentence {number} is whole." for number in range(400)]
    text = _description(["**Verdict.**\n\n" + "\n".join(sentences)], TABLE)
    assert len(text) <= DESCRIPTION_LENGTH and TABLE in text
    *kept, blank, last = text.split("\n")
    assert kept[-1] in sentences and not blank and last == "The conclusions continue in report/report.html."


def test_a_verdict_alone_is_enough():
    assert _description(["**Nothing can be tested.**"], TABLE) == f"**Nothing can be tested.**\n\n{TABLE}"


@pytest.mark.parametrize("margin", [0.0, -2.0, 100.0, float("nan")])
def test_a_margin_that_is_no_difference_of_accuracies(margin, refused):
    with refused(f"margin {margin:g}", "percentage points", "such as 2"):
        Options(margin=margin)


@pytest.mark.parametrize("replicates", [0, -1, 99, 10**9])
def test_a_number_of_replicates_that_cannot_be(replicates, refused):
    with refused(f"replicates {replicates}", "100..100000"):
        Options(replicates=replicates)
