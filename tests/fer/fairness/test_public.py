"""The public functions: predictions first, all else by keyword, and an example that runs."""

import inspect

import pytest

import fer.fairness as package

FUNCTIONS = {name: value for name in package.__all__ if inspect.isfunction(value := getattr(package, name))}
# By position too: what a function is of. Everything else goes by its name.
POSITIONAL = {"y_true", "y_pred", "y_preds", "first", "second"}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_public_function_has_an_example(name):
    assert ">>> " in inspect.getdoc(FUNCTIONS[name]), f"{name} has no example; add one, `make test` runs it."


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_of_predictions_take_all_else_by_keyword(name):
    parameters = inspect.signature(FUNCTIONS[name]).parameters.values()
    names = [parameter.name for parameter in parameters]
    if "y_true" in names:
        assert names[0] == "y_true"
        by_position = {one.name for one in parameters if one.kind is not inspect.Parameter.KEYWORD_ONLY}
        assert by_position <= POSITIONAL
    assert not {"group", "cluster", "proba", "seed", "level", "classes"} & set(names)
