"""The first page: three sentences with numbers, chosen without the results, and limits, for every kind of report."""

import re

import pandas as pd
import pytest

from analysis.experiments.added_seeds import seeds_added_later
from analysis.fetch.evidence import with_attribute
from analysis.report.build import build_section
from analysis.report.conclusions import conclusions
from analysis.report.families import family_table
from analysis.report.limits import LARGE_LINE, MOST_LINES, first_limits, lines
from analysis.report.primary import primary_of
from fer.data.attributes import EMOTION
from fer.fairness import holm
from fer.tracking import names

TITLE = f"tags.{names.EXPERIMENT}"


def sentences(text):
    return re.split(r"(?<=[.])\s+(?=[A-Z])", text)


def again(runs, predictions, mark, **changed):
    """Return a second study like the first, of other run ids and experiments."""
    other = runs.assign(**{"run_id": [mark + run[1:] for run in runs["run_id"]], **changed})
    other[TITLE] = other[TITLE] + f", {mark}"
    return pd.concat([runs, other], ignore_index=True), {
        **predictions, **{mark + run[1:]: table for run, table in predictions.items()},
    }  # fmt: skip


@pytest.fixture(scope="module")
def kinds(study, make_context, published_runs):
    """Return contexts of all kinds of reports."""
    runs, predictions = study
    alone, mixed = (runs[runs["params.fraction"].eq("0") == base] for base in (True, False))
    one = runs[runs["params.seed"] == "0"]

    def of(part, **further):
        return make_context(part, {run: predictions[run] for run in part["run_id"]}, **{"replicates": 20} | further)

    return {
        "base": make_context(replicates=50),
        "one seed": of(one),
        "emotions": of(with_attribute(runs, predictions, EMOTION), attribute="label"),
        "baseline": make_context(baseline="one + 50% two", replicates=20),
        "experiment alone": of(alone),
        "without a base": of(mixed),
        "two bases": make_context(*again(runs, predictions, "b", **{"params.base": "three"}), replicates=20),
        "two tests": make_context(*again(runs, predictions, "c", **{"params.test": "others"}), replicates=20),
        "no predictions": make_context(runs, {}),
        "published": make_context(published_runs, {}),
    }


def test_every_kind_of_report_has_an_answer_with_numbers_on_twelve_lines(kinds):
    for kind, context in kinds.items():
        found = conclusions(context, "About.")
        # Without predictions a further one says so.
        assert len(sentences(found.verdict)) == (4 if kind == "published" else 3), kind
        assert re.search(r"\d+ to \d+|is \d+ %", found.verdict), kind
        assert found.verdict[0].isupper() and found.claim, kind
        taken = lines("About.", found.claim, *found.may_not) + lines(*found.sentences, width=LARGE_LINE)
        assert taken <= MOST_LINES and " ".join(found.sentences) == found.verdict, kind


def test_the_answer_is_about_the_largest_share_and_says_what_is_shown(kinds):
    verdict = conclusions(kinds["base"]).verdict
    assert sentences(verdict) == [
        'Adding all of "two" to the training faces of "one" raised accuracy from 58 to 86 % and the accuracy of the '
        "worst group from 50 to 75 % (the former significant after correction, p < 0.001; the latter cannot be "
        "tested).",
        "The standard deviation of accuracy over race fell from 14 to 10 points (this cannot be tested).",
        'The control (arm same: as many further faces of "one") was not run, so the effects of more faces and of other '
        "faces cannot be told apart.",
    ]


def test_other_predictions_do_not_change_which_comparisons_are_primary(kinds, study, make_context):
    runs, predictions = study
    swapped = dict(zip(predictions, reversed(list(predictions.values())), strict=True))
    chosen = [primary_of(context).table for context in (kinds["base"], make_context(runs, swapped))]
    assert chosen[0][["experiment", "baseline", "metric"]].equals(chosen[1][["experiment", "baseline", "metric"]])


def test_the_primary_family_is_corrected_on_its_own_and_is_part_of_the_list_of_families(kinds):
    for kind, context in kinds.items():
        found = primary_of(context)
        if found is None:
            assert kind in ("no predictions", "published")
            assert family_table(context).empty and not build_section("The primary comparisons", context).blocks
            continue
        assert found.table["p_holm"].tolist() == pytest.approx(holm(found.table["p"]).tolist(), nan_ok=True)
        families = family_table(context)
        if found.table["p"].notna().any():
            assert families["p_values"].iloc[0] == found.table["p"].notna().sum()
            assert families["family"].iloc[0] == f"primary: {found.rule}"
            # The primary p-values are part of another family too, and counted once.
            assert f"of the report's {families['p_values'][1:].sum()} p-values" in conclusions(context).claim


def test_each_base_and_each_test_has_its_own_figures(kinds):
    assert "from 58 to 86 % (one) and from 58 to 86 % (three)" in conclusions(kinds["two bases"]).verdict
    assert "from 58 to 86 % (faces) and from 58 to 86 % (others)" in conclusions(kinds["two tests"]).verdict
    assert 'further blocks of clips and persons like the 17 of "faces" and the 17 of "others"' in (
        conclusions(kinds["two tests"]).claim
    )


def test_without_a_comparison_the_answer_is_about_groups(kinds):
    alone = conclusions(kinds["experiment alone"])
    assert alone.verdict.startswith("Accuracy of one only is 50 %, from 50 % on white to 75 % on ")
    assert "for these trained models, not for training again" in alone.claim
    several = conclusions(kinds["without a base"]).verdict
    assert several.startswith("Accuracy of 2 experiments is ") and "in 1 of 2" in several


def test_published_figures_are_called_so(kinds):
    found = conclusions(kinds["published"])
    assert found.verdict.startswith(
        'In published figures, adding all of "eila" changed accuracy from 28 to 31 % (sfew)'
    )
    assert "nothing is claimed of others" in found.claim


def test_limits_that_do_not_fit_are_counted_and_all_of_them_are_in_the_last_section(kinds):
    assert first_limits(["a" * 200, "b", "c"], 8) == ["a" * 200, "b", "c"]
    assert first_limits(["a" * 200, "b" * 200, "c"], 8)[-1] == (
        "Further limits (2) are in the section Limits and method."
    )
    context = kinds["base"]
    first, every = conclusions(context, "About.").may_not, build_section("Limits and method", context).points
    assert set(first[:-1]) < set(every) and f"({len(every) - len(first) + 1})" in first[-1]


def seeds_run(starts, studies):
    """Return cells of one experiment by seed, with the hour at which each began and its study; and the other runs."""
    hour = pd.Timestamp("2026-01-01", tz="UTC")
    cells = pd.DataFrame({
        "run_id": [f"cell{seed}" for seed in starts], "run_name": "x", "params.seed": list(starts),
        "start_time": [hour + pd.Timedelta(start, "h") for start, _ in starts.values()],
        TITLE: "one only", names.tag(names.PARENT): [study for _, study in starts.values()],
    })  # fmt: skip
    steps = pd.DataFrame({
        "run_id": list(studies), "start_time": [hour + pd.Timedelta(start, "h") for start, _ in studies.values()],
        names.tag(names.STAGE): [stage for _, stage in studies.values()],
    })  # fmt: skip
    return cells, steps


@pytest.mark.parametrize(
    ("starts", "others", "late"),
    [
        ({"0": (1, "a"), "1": (2, "a")}, {"a": (0, "study")}, []),
        ({"0": (1, "a"), "1": (6, "b")}, {"a": (0, "study"), "b": (5, "study")}, ["1"]),
        # A study that was interrupted has no summary.
        ({"0": (1, "a"), "1": (6, "b")}, {"b": (5, "study")}, []),
        ({"0": (1, "a"), "1": (2, "a"), "10": (6, "b")}, {"r": (4, "report"), "b": (5, "study")}, ["10"]),
        ({"0": (1, "a"), "1": (2, "a")}, {"a": (0, "study"), "r": (4, "report")}, []),
    ],
)
def test_seeds_that_were_run_after_a_report_are_found(starts, others, late):
    assert seeds_added_later(*seeds_run(starts, others)) == late


def test_reports_of_another_study_and_comparisons_of_other_runs_are_no_results_of_these_cells():
    cells, steps = seeds_run({"0": (1, "a"), "1": (6, "b")}, {"r": (4, "report"), "c": (4, "compare")})
    cells = cells.assign(**{names.tag(names.STUDY): "own"})
    other = steps.assign(**{"params.study": ["'another'", None], "params.first": ["", "x"], "params.second": ["", "y"]})
    assert seeds_added_later(cells, other) == []
    assert seeds_added_later(cells, other.assign(**{"params.study": ["own", None]})) == ["1"]
    assert seeds_added_later(cells, other.assign(**{"params.second": ["", "cell0"]})) == ["1"]


def test_seeds_added_later_are_a_limit(study, make_context):
    runs, predictions = study
    late = runs.assign(start_time=runs["start_time"] + pd.to_timedelta(runs["params.seed"].astype(int) * 9, "h"))
    context = make_context(late, predictions)
    steps = pd.DataFrame({"run_id": ["r"], "start_time": [runs["start_time"].max() + pd.Timedelta(1, "h")],
                          names.tag(names.STAGE): ["report"]})  # fmt: skip
    context.evidence.steps = steps
    assert any(sentence.startswith("Seed 1 was run after results of other seeds") for sentence in (
        build_section("Limits and method", context).points
    ))  # fmt: skip
