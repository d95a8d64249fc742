"""Public functions of analysis show an example; tests/test_docstring_examples.py runs them."""

import doctest

import pytest

import analysis

# What is asked of a server has an example that does not run here; reports have theirs in the documentation.
WITHOUT = {"load_runs", "load_predictions", "load_predictions_of", "gather", "build_report", "html_document"}


@pytest.mark.parametrize("name", sorted(set(analysis.__all__) - WITHOUT))
def test_public_functions_have_an_example_that_runs(name):
    assert doctest.DocTestFinder(recurse=False).find(getattr(analysis, name))[0].examples
