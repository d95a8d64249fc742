"""The examples in the docstrings of analysis give what they say."""

import doctest
import importlib
import pkgutil

import pytest

import analysis

MODULES = [module.name for module in pkgutil.walk_packages(analysis.__path__, "analysis.")]
# What is asked of a server has an example that is not run; reports have theirs in the documentation.
WITHOUT = {
    "load_runs",
    "load_predictions",
    "load_predictions_of",
    "gather",
    "Findings",
    "build_report",
    "html_document",
}


@pytest.mark.parametrize("name", MODULES)
def test_examples_give_what_they_say(name):
    assert doctest.testmod(importlib.import_module(name)).failed == 0


@pytest.mark.parametrize("name", sorted(set(analysis.__all__) - WITHOUT))
def test_public_functions_have_an_example_that_runs(name):
    function = getattr(analysis, name)
    assert doctest.DocTestFinder(recurse=False).find(function)[0].examples
