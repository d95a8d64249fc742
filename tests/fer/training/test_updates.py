"""The number of optimiser steps held over datasets of different size."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from fer.data.dataset import FaceDataset, PackedFaces
from fer.data.kept_aside import divided
from fer.data.mixing import ARMS, integrate
from fer.data.samples import conform
from fer.training.plan import TrainingPlan
from fer.training.sampling import held
from fer.training.updates import held_steps


def dataset(name, faces, **provenance):
    samples = pd.DataFrame({"sample_id": [f"{name}/{row}" for row in range(faces)], "label": "happy", "split": "train",
                            "source": name, "row": 0})  # fmt: skip
    part = PackedFaces(f"/{name}", name, np.zeros((1, 8, 8), np.uint8))
    return FaceDataset(name, conform(samples), {name: part}, pd.DataFrame(), {"made_by": "preprocess", **provenance})


@pytest.mark.parametrize("size", [7, 20, 21, 33, 100])
def test_held_epochs_cut_the_passes_and_use_every_face_equally_often(size):
    def draw(number):
        return np.random.default_rng(number).permutation(size)

    epochs = [held(draw, epoch, 20) for epoch in range(9)]
    assert {len(epoch) for epoch in epochs} == {20}
    passes = np.concatenate([draw(number) for number in range(30)])
    assert np.array_equal(np.concatenate(epochs), passes[:180])
    assert np.ptp(np.bincount(np.concatenate(epochs), minlength=size)) <= 1
    assert np.array_equal(held(draw, 4, 20), epochs[4])  # A resumed training draws the same.


def test_all_arms_have_as_many_steps_as_the_base_without_the_faces_kept_aside():
    base, more = dataset("base", 100), dataset("more", 30)
    mixtures = [integrate(base, more, Decimal(1), 0, arm, Decimal("0.35")) for arm in ARMS]
    sizes = [len(mixed) for mixed in mixtures]
    assert sizes == [95, 65, 95]
    mixtures.append(divided(base, Decimal("0.35"), 0).base)
    assert {held_steps("base", mixed, 16) for mixed in mixtures} == {5}  # 65 faces
    assert {held_steps("auto", mixed, 16) for mixed in mixtures} == {None}
    assert held_steps("12", mixtures[0], 16) == 12


def test_a_dataset_that_is_no_mixture_is_its_own_base():
    assert held_steps("base", dataset("base", 100), 32) == 4


@pytest.mark.parametrize("made_by", ["integrate", "balance"])
def test_a_base_of_unknown_size_is_refused(made_by, refused):
    with refused("base", "does not record", "steps_per_epoch as a number"):
        held_steps("base", dataset("base", 100, made_by=made_by), 32)


@pytest.mark.parametrize("asked", ["0", "-1", "1.5", "all", "", "9" * 20, "٣"])
def test_what_is_no_number_of_steps_is_refused_before_any_data_is_read(asked, refused):
    with refused("steps_per_epoch", "whole number of 1 or more"):
        TrainingPlan(backbone="cnn", steps_per_epoch=asked).resolve()
