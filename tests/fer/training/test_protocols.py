"""Protocols as data: study A's numbers, and what the parameters of train change of them."""

import pytest

from fer.errors import InputError
from fer.training import PROTOCOLS, adjusted, protocol_named
from fer.training.protocols import ALL_LAYERS


def test_eila_is_the_published_protocol():
    protocol = protocol_named("eila")
    frozen, unfrozen = protocol.phases
    assert (frozen.epochs, frozen.learning_rate, frozen.unfrozen) == (15, 1e-4, 0)
    assert frozen.early_stopping is None and frozen.reduce_on_plateau is None
    assert (unfrozen.epochs, unfrozen.learning_rate, unfrozen.unfrozen) == (35, 1e-5, 10)
    assert unfrozen.early_stopping == 15 and unfrozen.reduce_on_plateau == (0.2, 3, 1e-7)
    assert (protocol.optimizer, protocol.batch_size, protocol.dropout) == ("adamax", 32, 0.1)
    assert (protocol.augmentation, protocol.monitor) == ("none", "validation/loss")


@pytest.mark.parametrize("name", PROTOCOLS)
def test_every_protocol_declares_what_tune_varies(name):
    space = PROTOCOLS[name].search_space
    assert set(space) == {"learning_rate", "dropout"}
    for low, high, scale in space.values():
        assert low < high and scale in ("log", "linear")


def test_epochs_for_all_phases_or_one_a_phase():
    assert [phase.epochs for phase in adjusted(PROTOCOLS["eila"], epochs=[2]).phases] == [2, 2]
    assert [phase.epochs for phase in adjusted(PROTOCOLS["eila"], epochs=[3, 4]).phases] == [3, 4]


def test_a_learning_rate_keeps_the_ratio_of_the_phases():
    rates = [phase.learning_rate for phase in adjusted(PROTOCOLS["eila"], learning_rate=5e-4).phases]
    assert rates == pytest.approx([5e-4, 5e-5])


@pytest.mark.parametrize(
    "change",
    [{"epochs": [0]}, {"epochs": [1, 2, 3]}, {"learning_rate": 0.0}, {"dropout": 1.0}, {"batch_size": 0},
     {"monitor": "test/accuracy"}],
)  # fmt: skip
def test_values_out_of_range_are_refused_by_name(change):
    with pytest.raises(InputError, match=next(iter(change))):
        adjusted(PROTOCOLS["eila"], **change)


def test_nothing_given_changes_nothing():
    assert adjusted(PROTOCOLS["scratch"]) == PROTOCOLS["scratch"]
    assert PROTOCOLS["scratch"].phases[0].unfrozen == ALL_LAYERS


def test_an_unknown_protocol_is_answered_with_the_valid_names():
    with pytest.raises(InputError, match="eila, scratch"):
        protocol_named("resnet")
