"""Tables name groups as the data does, and keep apart whatever they are called; runs of earlier versions too."""

import pandas as pd
import pytest

from analysis import beside_published, group_table, interval_table, render_table, trade_off_table
from analysis.experiments.runs_by_experiment import with_groups
from analysis.experiments.seeds import predictions_by_experiment
from analysis.fetch.evidence import with_attribute
from analysis.figures import accuracy_by_fraction
from analysis.tables.columns import keyed, keys_of
from analysis.tables.uncertainty import with_intervals
from fer.data.attributes import RACE, Attribute
from fer.tracking import names

SHOWN = "accuracy_percent"
# By race of the fixture's faces: all, half and a quarter of them are right.
NAMED = [
    {"white": "Asian/Pacific", "mixed": "Asian_Pacific", "black": "Asian:2f:Pacific"},
    {"white": "white", "mixed": "white_low", "black": "white_sd"},
    {"white": "60+", "mixed": "60_plus", "black": "60+_published"},
    {"white": "nan", "mixed": "None", "black": "."},
    {"white": "accuracy", "mixed": "loss", "black": "_std"},
    {"white": "日本", "mixed": "50%+", "black": "$0 (0%)-$20k (40%)"},
]


@pytest.fixture
def predictions(wrong_in):
    return wrong_in(mixed=2, black=1)


@pytest.fixture
def bare(make_runs):
    """Return two runs of one experiment, and one of another, without metrics by group."""
    runs = make_runs(["a", "a", "b"])
    return runs[[name for name in runs if "race" not in name]]


@pytest.mark.parametrize("named", NAMED)
@pytest.mark.parametrize("column", ["faces", "race/ethnicity", "accuracy", "audit"])
def test_groups_are_named_and_kept_apart_as_in_the_data(bare, predictions, named, column):
    by = Attribute((column,))
    tables = dict.fromkeys(bare["run_id"], predictions.assign(**{column: predictions["race"].map(named)}))
    runs = with_attribute(bare, tables, by)
    table = group_table(runs, by)
    assert set(keys_of(table, SHOWN)) == set(named.values())
    for race, accuracy in {"white": 100.0, "mixed": 50.0, "black": 0.0}.items():
        assert table[keyed(SHOWN, named[race])].tolist() == pytest.approx([accuracy] * 2)
    assert trade_off_table(runs, by)["gap_points"].tolist() == pytest.approx([100.0] * 2)
    intervals = interval_table(predictions_by_experiment(runs, tables).values(), by, replicates=20)
    shown = {keyed(SHOWN, group): (group, "accuracy") for group in named.values()}
    table = with_intervals(table, intervals[intervals["metric"] == "accuracy"], shown)
    assert table[keyed(f"{SHOWN}_low", named["white"])].notna().all()
    printed = render_table(beside_published(table))
    assert all(group in printed.splitlines()[0] for group in named.values())
    legend = accuracy_by_fraction(runs, by).legends[0]
    assert {text.get_text().lstrip("\u200b") for text in legend.get_texts()} == set(named.values())


def test_what_an_old_run_logged_is_shown_as_logged(bare):
    logged = {"Asian_Pacific": 0.5, "60_plus": 0.25, "12:30:45": 1.0}
    runs = bare.assign(**{f"metrics.test/race/accuracy/{group}": value for group, value in logged.items()})
    table = group_table(runs)
    assert table.iloc[0][[keyed(SHOWN, group) for group in ("Asian_Pacific", "60+", "12:30:45")]].tolist() == [
        50,
        25,
        100,
    ]


def test_groups_that_an_old_run_logged_as_one_are_told_apart_by_its_predictions(bare, predictions):
    by = Attribute.parse("race*side")
    sides = {"white": ("a_b", "c"), "mixed": ("a", "b_c"), "black": ("d", "e")}
    parts = pd.DataFrame(predictions["race"].map(sides).tolist(), columns=["race", "side"], index=predictions.index)
    tables = dict.fromkeys(bare["run_id"], predictions.assign(**parts))
    faces = predictions["race"].value_counts()
    prefix = f"metrics.test/{by.slug}"
    old = {"accuracy_min": 0.0, "accuracy/d_e": 0.0, "count/d_e": faces["black"], "accuracy/a_b_c": 0.875}
    old |= {"count/a_b_c": faces["white"] + faces["mixed"], "accuracy_std": 61.9}
    runs = with_attribute(bare.assign(**{f"{prefix}/{name}": value for name, value in old.items()}), tables, by)
    table = group_table(runs, by)
    groups = ["a_b_c", "a x b_c", "d_e"]
    assert keys_of(table, SHOWN) == sorted(groups)
    assert table[[keyed(SHOWN, group) for group in groups]].iloc[0].tolist() == pytest.approx([100, 50, 0])
    assert table["std_points"].tolist() == pytest.approx([50.0, 50.0])
    assert runs["metrics.test/accuracy"].equals(bare["metrics.test/accuracy"])


def test_runs_that_have_the_groups_or_some_of_them_are_left_as_they_are(bare, predictions):
    tables = dict.fromkeys(bare["run_id"], predictions)
    whole = with_attribute(bare, tables, RACE)
    pd.testing.assert_frame_equal(with_attribute(whole, tables, RACE), whole)
    some = whole[[name for name in whole if not name.endswith("/mixed")]]
    pd.testing.assert_frame_equal(with_attribute(some, tables, RACE), some)
    empty = whole.assign(**{"metrics.test/race/count/nobody": 0.0})
    pd.testing.assert_frame_equal(with_attribute(empty, tables, RACE), empty)


def test_audits_are_no_groups_of_an_attribute_of_that_name(bare, predictions):
    runs = bare.assign(**{"metrics.test/audit/near_duplicates": 1.0, f"tags.{names.ORIGIN}": names.PUBLISHED})
    assert with_groups(runs, Attribute.parse("audit")).empty


def test_the_attributes_that_runs_have_are_named_as_they_are_asked_for(bare, predictions, refused):
    tables = dict.fromkeys(bare["run_id"], predictions)
    runs = with_attribute(bare, tables, Attribute.parse("race*gender")).assign(
        **{"metrics.test/audit/near_duplicates": 1.0, "metrics.test/pose/accuracy/left": 0.5}
    )
    with refused("'skin'", "(the runs have: race*gender)"):
        group_table(runs, "skin")
