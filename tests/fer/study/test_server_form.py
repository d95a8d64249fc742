"""A cell's names and values on the server and in identities are exactly those of version 0.1.0."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from fer.study.matrix import cells
from fer.study.reading import read_study
from fer.study.schema import Balance
from fer.study.server_form import (
    balancing_parameters,
    cell_parameters,
    evaluation_parameters,
    mixing_parameters,
    spelled,
    training_parameters,
)

# Every cell of the project's studies, and of one with every entry that a study can have, as version 0.1.0 made them.
RECORD = json.loads((Path(__file__).parent / "records" / "cells_0.1.0.json").read_text())


@pytest.fixture(params=RECORD)
def recorded(request, write):
    """Return a study's cells as they are made now, and as they were: title, position, parameters."""
    then = RECORD[request.param]
    rows = [dict(then["common"], **dict(zip(then["differing"], row, strict=True))) for row in then["cells"]]
    return cells(read_study(write(then["study"]))), rows, then["training"]


def test_cells_have_the_titles_places_and_parameters_that_they_had(recorded):
    made, rows, _ = recorded
    assert [cell.experiment for cell in made] == [row.pop("experiment") for row in rows]
    assert [cell.position for cell in made] == [row.pop("position") for row in rows]
    assert [cell_parameters(cell) for cell in made] == rows


def test_trainings_have_the_parameters_that_they_had(recorded):
    made, rows, kept = recorded
    assert [training_parameters(cell.training) for cell in made] == [{name: row[name] for name in kept} for row in rows]


def test_titles_and_places_do_not_identify_a_cell(write, plain):
    first, *_, last = cells(read_study(write(plain)))
    for cell in (first, last):
        parameters = cell_parameters(cell)
        assert not {"experiment", "position", "training_title"} & set(parameters)
        assert parameters["seed"] == str(cell.seed)
        assert all(isinstance(value, str) for value in parameters.values())


def test_the_runs_of_a_cell_are_given_its_parameters(write, plain):
    plain["mixtures"][0]["fractions"] = ["0.50"]
    plain["test"] |= {"attributes": ["race*gender", "race"], "robustness": ["blur", "noise"], "split": "validation"}
    cell = cells(read_study(write(plain)))[1]
    assert mixing_parameters(cell.training) == {
        "base": "one", "addition": "two", "fraction": "0.5", "arm": "add", "seed": "1",
    }  # fmt: skip
    assert evaluation_parameters(cell.test) == {
        "split": "validation", "attributes": "race*gender,race", "cluster": "auto", "robustness": "blur,noise",
    }  # fmt: skip
    plain["test"] |= {"attributes": [], "robustness": "none"}
    parameters = evaluation_parameters(cells(read_study(write(plain)))[0].test)
    assert (parameters["attributes"], parameters["robustness"]) == ("none", "none")


def test_an_attribute_has_one_spelling(write, plain):
    plain["test"]["attributes"] = ["race * gender"]
    assert cell_parameters(cells(read_study(write(plain)))[0])["attributes"] == "race*gender"


def test_the_options_of_balancing_are_in_one_order():
    given = Balance(method="augment", target="total=9", options={"shift": 0.1, "flip": 0})
    parameters = balancing_parameters(given, 3)
    assert parameters == {"method": "augment", "target": "total=9", "options": {"flip": 0, "shift": 0.1}, "seed": 3}
    assert str(parameters["options"]) == "{'flip': 0, 'shift': 0.1}"


@pytest.mark.parametrize(("fraction", "text"), [("0.10", "0.1"), ("1e-1", "0.1"), ("0.00", "0"), ("1.0", "1")])
def test_a_fraction_has_one_spelling(fraction, text):
    assert spelled(Decimal(fraction)) == text
