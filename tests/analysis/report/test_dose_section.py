"""The section on dose-response: what its intervals are of, and how slopes relate to the single changes."""

import pandas as pd
import pytest

from analysis.report import audits
from analysis.tables.dose import slopes_beside_changes
from fer.fairness import ONE_SEED_DOSE


def said(context):
    section = audits.dose(context)
    return " ".join(section.text), section.blocks[0]


def test_with_several_seeds_the_interval_is_over_them(context):
    text, table = said(context)
    assert "seeds (where there are several) and clusters" in table.note
    assert ONE_SEED_DOSE not in text


def test_with_one_seed_it_is_not(study, make_context):
    runs, predictions = study
    one = runs[runs["params.seed"] == "0"]
    text, table = said(make_context(one, {run: predictions[run] for run in one["run_id"]}))
    assert "interval over clusters." in table.note and "seeds" not in table.note
    assert ONE_SEED_DOSE in text


@pytest.fixture
def slopes():
    rows = [("accuracy", 0.001), ("accuracy_std", 0.03), ("accuracy_min", 0.4), ("accuracy/black", 0.01)]
    return pd.DataFrame([{"base": "one only", "arm": "add", "metric": name, "p_holm": p} for name, p in rows])


def changed(p_holm):
    rows = [
        {"experiment": f"one + {share}% two", "baseline": "one only", "metric": metric, "p_holm": p}
        for metric, p_values in p_holm.items()
        for share, p in zip((50, 100), p_values, strict=True)
    ]
    return pd.DataFrame(rows)


def test_slopes_stand_beside_the_single_changes_of_their_arm(study, slopes):
    changes = changed({"accuracy": [0.2, 0.01], "accuracy_std": [0.325, 0.9], "accuracy_min": [float("nan")] * 2})
    beside = slopes_beside_changes(study[0], slopes, changes).set_index("metric")
    assert list(beside.index) == ["accuracy", "accuracy_std", "accuracy_min"]
    assert beside["least_p_holm"].tolist() == pytest.approx([0.01, 0.325, float("nan")], nan_ok=True)
    assert (beside["changes"] == 2).all()


def test_a_trend_without_a_single_change_is_said_and_the_reverse(make_context, slopes, monkeypatch):
    context = make_context()
    monkeypatch.setattr("analysis.report.audits.dose_table", lambda _: slopes.assign(seeds=2))
    changes = changed({"accuracy": [0.2, 0.01], "accuracy_std": [0.325, 0.9], "accuracy_min": [0.01, 0.2]})
    vars(context)["compared"] = changes
    text, _ = said(context)
    assert "The slope is significant, but no single change is, of accuracy_std (one only, add) (slope p = 0.030" in text
    assert "least of its 2 changes p = 0.325)" in text and "not that any one share changes anything" in text
    assert "A single change is significant, but the slope is not, of accuracy_min (one only, add)" in text
    alike = changed({"accuracy": [0.2, 0.01], "accuracy_std": [0.01, 0.9], "accuracy_min": [0.3, 0.2]})
    vars(context)["compared"] = alike
    assert "Here both find the same" in said(context)[0]
