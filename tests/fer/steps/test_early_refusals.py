"""What cannot be mixed or balanced is found out before a dataset is opened or made."""

import pytest

from fer.steps.balancing import balance_step
from fer.steps.datasets import integrate_step


@pytest.mark.parametrize(
    ("given", "words"),
    [({"addition": "a"}, "mixed with itself"), ({"arm": "blend"}, "unknown arm"), ({"fraction": "x"}, "not a number"),
     ({"addition": "none"}, "of nothing")],
)  # fmt: skip
def test_what_cannot_be_mixed_is_found_out_before_a_dataset_is_opened(given, words, refused):
    with refused(words):
        integrate_step(**{"base": "a", "addition": "b", "fraction": "0.5", "seed": 0, **given})


@pytest.mark.parametrize(
    "given", [{"method": "rotate"}, {"target": "lots"}, {"options": {"k": 1}}, {"options": {"flip": 7}}]
)
def test_what_cannot_be_balanced_is_found_out_before_a_dataset_is_opened(given, refused):
    with refused(str(next(iter(given.values()))) if "options" not in given else "method augment"):
        balance_step(**{"address": "a", "method": "augment", "target": "equal", "seed": 0, "options": {}, **given})
