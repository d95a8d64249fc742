"""Every table of a report has snake_case columns in stated units, and words for headings."""

import re

from analysis import render_table
from analysis.report import build_report

COLUMN = re.compile(r"[a-z][a-z0-9_]*(/.+)?")


def test_every_table_of_the_report_has_such_columns_and_words_for_headings(context):
    tables = list(build_report(context, "Title").tables())
    assert len(tables) > 15
    for table in tables:
        assert not [name for name in table.frame if not COLUMN.fullmatch(str(name))], table.name
        heads = render_table(table.frame, "markdown").splitlines()[0]
        assert "_percent" not in heads and "_points" not in heads and "p_holm" not in heads, table.name


def test_columns_of_percent_and_points_are_within_their_range(context):
    for table in build_report(context, "Title").tables():
        for name in table.frame.select_dtypes("number"):
            quantity = str(name).partition("/")[0]
            if re.search(r"_(percent|points)(_low|_high)?$", quantity) and "slope" not in quantity:
                assert table.frame[name].dropna().abs().le(200).all(), (table.name, name)
            if re.search(r"_percent(_low|_high)?$", quantity):
                assert table.frame[name].dropna().ge(0).all(), (table.name, name)
