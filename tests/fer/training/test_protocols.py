"""Protocols as data: study A's numbers, and what the parameters of train change of them."""

import pytest

from fer.errors import InputError
from fer.training import PROTOCOLS, adjusted, protocol_named
from fer.training.protocol_file import read_protocol
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


def test_epochs_for_all_phases_or_one_per_phase():
    assert [phase.epochs for phase in adjusted(PROTOCOLS["eila"], epochs=[2]).phases] == [2, 2]
    assert [phase.epochs for phase in adjusted(PROTOCOLS["eila"], epochs=[3, 4]).phases] == [3, 4]


def test_a_learning_rate_keeps_the_ratio_of_the_phases():
    rates = [phase.learning_rate for phase in adjusted(PROTOCOLS["eila"], learning_rate=5e-4).phases]
    assert rates == pytest.approx([5e-4, 5e-5])


@pytest.mark.parametrize(
    "change",
    [{"epochs": [0]}, {"epochs": [1, 2, 3]}, {"learning_rate": 0.0}, {"dropout": 1.0}, {"batch_size": 0},
     {"monitor": "test/accuracy"}, {"mixup": -0.1}, {"weight_averaging": 1.0}, {"weight_averaging": float("nan")}],
)  # fmt: skip
def test_values_out_of_range_are_refused_by_name(change):
    with pytest.raises(InputError, match=next(iter(change))):
        adjusted(PROTOCOLS["eila"], **change)


def test_nothing_given_changes_nothing():
    assert adjusted(PROTOCOLS["scratch"]) == PROTOCOLS["scratch"]
    assert PROTOCOLS["scratch"].phases[0].unfrozen == ALL_LAYERS


def test_an_unknown_protocol_is_answered_with_the_valid_names():
    with pytest.raises(InputError, match=r"eila, age, assistive, .*scratch, scratch_long, or a \.yaml file"):
        protocol_named("resnet")


def test_age_is_the_published_protocol():
    protocol = protocol_named("age")
    (phase,) = protocol.phases
    assert (phase.epochs, phase.learning_rate, phase.unfrozen, phase.train_normalization) == (30, 1e-4, 16, False)
    assert (phase.early_stopping, phase.min_delta, phase.reduce_on_plateau) == (11, 5e-5, (0.5, 7, 1e-7))
    assert (protocol.optimizer, protocol.batch_size, protocol.dropout) == ("adam", 20, 0.5)
    assert (protocol.augmentation, protocol.class_weights) == ("age", "balanced")
    assert (protocol.preparation, protocol.monitor) == ("zero_to_one", "validation/accuracy")
    assert [protocol.of_backbone(name).phases[0].unfrozen for name in ("vgg16", "densenet121")] == [3, 16]


def test_eila_and_scratch_have_no_new_ways():
    for name in ("eila", "scratch"):
        protocol = protocol_named(name)
        assert (protocol.loss, protocol.class_weights, protocol.sampling) == ("crossentropy", "none", "shuffled")
        assert protocol.preparation == "auto"
        assert all(phase.train_normalization and phase.min_delta == 0 for phase in protocol.phases)


OWN = """
phases:
  - {name: head, epochs: 3, learning_rate: 0.001, unfrozen: 0}
  - {name: all, epochs: 2, learning_rate: 1.0e-4, reduce_on_plateau: [0.5, 2, 1.0e-6], early_stopping: 3}
optimizer: adam
batch_size: 16
dropout: 0.2
class_weights: balanced
"""


def test_a_users_own_protocol_is_a_file(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(OWN)
    protocol = protocol_named(str(path))
    assert [phase.unfrozen for phase in protocol.phases] == [0, ALL_LAYERS]
    assert protocol.phases[1].reduce_on_plateau == (0.5, 2, 1e-6)
    assert protocol.class_weights == "balanced"
    assert set(protocol.search_space) == {"learning_rate", "dropout"}


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("batch_size: 16", "batch_size: many", ("entry batch_size",)),
        ("batch_size: 16", "batch_size: 0", ("batch_size 0",)),
        ("optimizer: adam", "optimizer: lion", ("entry optimizer",)),
        ("dropout: 0.2", "", ("entry dropout",)),
        ("dropout: 0.2", "drop: 0.2", ("'drop'", "dropout")),
        ("epochs: 3", "epoch: 3", ("'epoch'", "epochs")),
        ("epochs: 3", "epochs: 0", ("epochs 0",)),
        ("learning_rate: 0.001", "learning_rate: 0", ("learning_rate",)),
        ("unfrozen: 0", "unfrozen: -5", ("phase head", "-5")),
        ("reduce_on_plateau: [0.5,", "reduce_on_plateau: [2,", ("factor of reduce_on_plateau of phase all is 2",)),
        ("reduce_on_plateau: [0.5, 2,", "reduce_on_plateau: [0.5, -2,", ("patience", "-2")),
        ("1.0e-6]", ".nan]", ("lowest rate", "nan")),
        ("early_stopping: 3", "early_stopping: -3", ("early_stopping of phase all is -3",)),
        ("early_stopping: 3", "schedule: one_cycle", ("phase all", "one_cycle and reduce_on_plateau")),
        ("early_stopping: 3", "warmup: 7", ("warmup of phase all is 7", "0 to 1")),
        ("early_stopping: 3", "min_delta: -.inf", ("min_delta", "-inf")),
        ("early_stopping: 3", "unfrozen_by_backbone: {cnn: -7}", ("phase all", "-7")),
        ("class_weights: balanced", "label_smoothing: 1.5", ("label_smoothing is 1.5", "0 to 1")),
        ("class_weights: balanced", "weight_decay: -1", ("weight_decay is -1",)),
        ("class_weights: balanced", "weight_decay: .inf", ("weight_decay is inf",)),
        ("class_weights: balanced", "search_space: {dropout: [1, 0, linear]}", ("dropout from 1", "smaller one first")),
        ("class_weights: balanced", "search_space: {dropout: [0, 2, linear]}", ("below 1",)),
        ("class_weights: balanced", "search_space: {learning_rate: [0, 1, log]}", ("above 0",)),
        ("class_weights: balanced", "search_space: {learning_rate: [.nan, 1, log]}", ("nan", "finite")),
        ("batch_size: 16", "batch_size: 1_6", ("1_6", "plain digits")),
        ("batch_size: 16", "batch_size: 16\nbatch_size: 32", ("gives batch_size twice",)),
        (OWN, "- a", ("not a protocol", "phases")),
        (OWN, "phases: [", ("not valid YAML",)),
    ],
)
def test_a_bad_protocol_file_is_refused_by_entry(tmp_path, refused, old, new, words):
    path = tmp_path / "mine.yaml"
    path.write_text(OWN.replace(old, new, 1))
    with refused(str(path), *words):
        read_protocol(path)


def test_a_missing_protocol_file_is_refused(refused):
    with refused("nowhere.yaml"):
        protocol_named("nowhere.yaml")
