"""Titles of datasets in the names of runs: of a mixture the share first, which tells mixtures apart."""

from decimal import Decimal

import pytest

from fer.data.dataset import write_mixture
from fer.data.mixing import integrate
from fer.tracking.datasets import recorded_title


@pytest.mark.parametrize(
    ("fraction", "arm", "title"),
    [("0.1", "add", "10% more + tiny"), ("1", "add", "100% more + tiny"), ("0.125", "swap", "12.5% more ~ tiny"),
     ("0.1", "same", "own as 10% more + tiny"), ("0", "add", "tiny")],
)  # fmt: skip
def test_a_mixture_begins_with_its_share(tiny_faces, pack, tiny_samples, tmp_path, fraction, arm, title):
    more = tiny_samples()
    more["sample_id"] = "more_" + more["sample_id"]
    kept = Decimal("0.5") if arm == "same" else Decimal(0)
    mixed = integrate(tiny_faces, pack("more", more, seed=1), Decimal(fraction), 0, arm, kept)
    write_mixture(tmp_path / "mixed", mixed)
    assert recorded_title(str(tmp_path / "mixed")) == title


def test_a_packed_dataset_has_its_name_and_nothing_has_none(tiny_faces, tmp_path):
    assert recorded_title(str(tmp_path / "tiny")) == "tiny"
    assert recorded_title(str(tmp_path)) is None
