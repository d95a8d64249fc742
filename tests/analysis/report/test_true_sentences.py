"""Fixed sentences are shown only where they are true of the data at hand."""

from types import SimpleNamespace

import pandas as pd
import pytest

from analysis.card.evidence import CardEvidence, Evaluated
from analysis.card.making import _ethics
from analysis.experiments.seeds import predictions_by_experiment
from analysis.report.audits import audits, calibration, dose
from analysis.report.background import compared
from analysis.report.build import build_section
from analysis.report.contrasts import against_baseline
from analysis.report.method import about_faces
from analysis.report.results import overall, trade_off
from fer.data.attributes import RACE
from fer.data.samples import VOTES
from fer.evaluation.independent_units import clusters_of, unit_counts
from fer.evaluation.sentences import group_warnings
from fer.fairness.definitions import CALIBRATION_BINS


def with_faces(study, make_context, **changes):
    """Return the context of ``study`` with columns of its faces changed; a function makes a column from the faces."""
    runs, predictions = study
    tables = {
        run: table.assign(**{name: value(table) if callable(value) else value for name, value in changes.items()})
        for run, table in predictions.items()
    }
    return make_context(runs, tables, replicates=50)


@pytest.fixture(scope="module")
def drawn(study, make_context):
    return with_faces(
        study, make_context,
        sample_id=lambda table: [f"everyone/synthetic-test-{place:06d}" for place in range(len(table))],
    )  # fmt: skip


def text_of(section):
    parts = [*section.text, *section.points, *(block.note for block in section.blocks)]
    return " ".join(parts)


def test_drawn_faces_were_neither_labelled_by_annotators_nor_found_by_a_detector(drawn, context):
    of_drawn, of_others = " ".join(about_faces(drawn)), " ".join(about_faces(context))
    assert "are drawn, and so are their groups, labels and votes" in of_drawn
    assert "annotators" not in of_drawn and "detector" not in of_drawn
    assert "as faces states them" in of_others and "drawn" not in of_others and "detector" not in of_others
    assert "(drawn faces, not real people)" in build_claim(drawn) and "drawn" not in build_claim(context)


def build_claim(context):
    from analysis.report.conclusions import conclusions

    return conclusions(context).claim


def test_a_detector_is_named_where_one_found_the_faces(study, make_context):
    found = " ".join(about_faces(with_faces(study, make_context, detector="mtcnn")))
    assert "Accuracy on faces is of faces that a detector found (mtcnn)." in found


def test_the_bins_are_as_many_as_are_used(context):
    notes = text_of(calibration(context))
    assert f"over {CALIBRATION_BINS} bins of equal width" in notes and "10 bins of equal width" in notes
    assert "10 %" not in notes


def test_probabilities_of_another_test_set_are_not_called_shares_of_resamples_nor_the_reverse(context):
    text = text_of(trade_off(context))
    assert "of another test set of this kind and size" in text and "resampled" not in text and "redrawn" not in text


def test_clips_are_spoken_of_only_where_they_are_recorded(study, make_context, context):
    assert "Faces of a clip are near copies" in text_of(overall(context))
    runs, predictions = study
    without = make_context(runs, {run: table.drop(columns=["clip"]) for run, table in predictions.items()})
    assert "Faces of a clip" not in text_of(overall(without))


def test_the_unit_that_is_used_is_named_where_it_was_asked_for(make_context):
    assert "cluster=auto chooses; this report uses samples." in text_of(overall(make_context(unit="sample")))


@pytest.mark.parametrize(
    ("arm", "words"),
    [
        ("add", "more faces and other faces cannot be told apart here"),
        ("swap", "what the new faces bring and what those that left did cannot be told apart"),
        ("same", "nothing is said about other faces"),
    ],
)
def test_one_arm_alone_is_said_to_leave_open_what_it_leaves_open(study, make_context, arm, words):
    runs, predictions = study
    text = text_of(dose(make_context(runs.assign(**{"params.arm": arm}), predictions, replicates=50)))
    assert f"Only the arm {arm} was run: {words}" in text


def test_sides_of_different_numbers_of_seeds_are_not_said_to_have_the_same(study, make_context):
    runs, predictions = study
    third = runs[(runs["params.fraction"] == "1") & (runs["params.seed"] == "1")]
    third = third.assign(**{"run_id": "f" * 32, "params.seed": "2"})
    more = pd.concat([runs, third], ignore_index=True)
    tables = {**predictions, "f" * 32: next(iter(predictions.values()))}
    context = make_context(more, tables, replicates=50)
    assert "Each side has 2 to 3 seeds" in text_of(against_baseline(context))
    assert "(2 to 3 seeds per side)" in build_claim(context)


def test_no_selection_is_claimed_beyond_what_is_known(context):
    text = text_of(compared(context))
    assert "Where a protocol selects an epoch" in text and "none was left out" not in text


def test_permutations_are_not_claimed_for_crossed_clusters(study, make_context, context):
    # Every clip shares persons with others: linked, all faces are one block.
    runs, predictions = study
    tables = {
        run: table.assign(
            clip=[f"clip{place % 20}" for place in range(len(table))],
            person=[f"person{place * place % 19}" for place in range(len(table))],
        )
        for run, table in predictions.items()
    }
    crossed = make_context(runs, tables, replicates=20)
    assert crossed.clusters["faces"].crossed is not None
    text = text_of(build_section("Limits and method", crossed))
    assert "by permutations" not in text and "of crossed clusters, as the smallest p-value of all pairs" in text
    assert 'further clips and persons like the 20 clips, crossed with 10 persons, of "faces"' in build_claim(crossed)
    assert "by permutations over whole clusters" in text_of(build_section("Limits and method", context))


def test_a_common_mix_of_emotions_is_offered_only_where_there_is_one(faces):
    def warnings(table):
        clusters = clusters_of(table)
        return " ".join(group_warnings(RACE, unit_counts(table, table["race"], clusters), clusters, table))

    apart = faces[faces["race"] != "mixed"].copy()
    apart["label"] = apart["race"].map({"black": "fear", "white": "happy"})
    assert "There is no emotion of which each group has 5 faces" in warnings(apart)
    apart.loc[apart.index[:20], "label"] = "fear"
    assert "on the emotions of which each has 5 faces or more" in warnings(apart)


@pytest.mark.parametrize("made_by_hand", [False, True])
def test_drawn_votes_are_not_called_a_human_score(context, faces, monkeypatch, made_by_hand):
    votes = {name: [int(label == name.removeprefix("votes_")) * 2 for label in faces["label"]] for name in VOTES}
    dataset = SimpleNamespace(
        drawn=not made_by_hand, samples=faces.assign(**votes), lost=pd.DataFrame({"split": [], "reason": []})
    )
    monkeypatch.setattr("analysis.report.audits.tested_split", lambda *_: dataset)
    section = audits(context)
    [table] = [block for block in section.blocks if block.name == "annotators_faces"]
    assert ("annotator" in table.title + table.note) == made_by_hand
    assert ("(the votes are drawn)" in table.note) != made_by_hand


def test_the_card_of_a_model_of_drawn_faces_says_so(context):
    def card(drawn):
        one = Evaluated("everyone, test", "r", None, None, [], drawn)
        return " ".join(_ethics(CardEvidence(None, (), (one,))))

    assert "are drawn" in card(True) and "licences" not in card(True)
    assert "licences" in card(False) and "drawn" not in card(False)


def test_experiments_that_do_not_know_the_attribute_have_intervals_over_all_faces(study, make_context):
    runs, predictions = study
    first, *others = predictions_by_experiment(runs, predictions).values()
    cut = {run: table.drop(columns="race") if run in first.runs else table for run, table in predictions.items()}
    [results] = [block for block in overall(make_context(runs, cut, replicates=50)).blocks if block.name == "results"]
    measured = results.frame[results.frame["experiment"].isin([one.experiment for one in (first, *others)])]
    assert len(measured) > 1
    assert measured["accuracy_percent_low"].notna().all()
