"""Frozen tables: the records of a finished study, 11 configurations measured and published, give these very tables."""

import json
from pathlib import Path

import pandas as pd
import pytest

from analysis import group_table, render_table, results_table, trade_off_table

RECORDS = Path(__file__).parent / "records"
TABLES = {"results": results_table, "groups": group_table, "trade_off": trade_off_table}


@pytest.fixture(scope="module")
def runs() -> pd.DataFrame:
    return pd.DataFrame(json.loads((RECORDS / "eila_runs.json").read_text())).assign(start_time=0)


@pytest.mark.parametrize("name", TABLES)
def test_the_tables_are_the_frozen_ones(runs, name):
    assert render_table(TABLES[name](runs), "markdown") + "\n" == (RECORDS / f"{name}.md").read_text()


def test_the_order_of_the_records_does_not_matter(runs):
    shuffled = runs.sample(frac=1, random_state=3)
    assert render_table(trade_off_table(shuffled)) == render_table(trade_off_table(runs))
