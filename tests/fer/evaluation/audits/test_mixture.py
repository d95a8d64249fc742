"""A mixture before training: what its splits and sources share, and who it would be trained on."""

from dataclasses import replace

import pytest

from fer.data.dataset import write_packed
from fer.data.mixing import integrate, parse_fraction
from fer.evaluation.audits import audit_mixture
from fer.synthetic import SyntheticOptions, draw_population


@pytest.fixture
def drawn(tmp_path):
    """Return a maker of packed drawn faces: 70 in train, 35 in validation, 42 in test."""

    def make(name, seed, change=lambda samples, faces: None):
        samples, faces = draw_population(SyntheticOptions(train=70, validation=35, test=42, seed=seed))
        change(samples, faces)
        return write_packed(tmp_path / name, name, samples, faces, faces.shape[1:], {})

    return make


def copies(samples, faces):
    """Let four validation faces be training faces, and one person of these be in both."""
    train, validation = (samples.index[samples["split"] == split] for split in ("train", "validation"))
    faces[validation[:4]] = faces[train[:4]]
    samples.loc[validation[0], "person"] = samples.loc[train[0], "person"]


def test_copies_and_shared_persons_are_counted_and_reported(drawn):
    clean, copied = (audit_mixture(drawn(*given)) for given in (("clean", 3), ("copied", 3, copies)))
    name = "near_duplicates/validation"
    assert copied.metrics[name] >= 4
    assert copied.metrics[name] - clean.metrics[name] == pytest.approx(4, abs=1)
    shared = copied.tables["shared_between_splits"].set_index(["first", "second", "column"])
    assert shared.loc[("train", "validation", "person"), "shared"] == 1
    assert "1 person is in both the train and the validation split." in copied.sentences
    assert not any(" in both the " in sentence for sentence in clean.sentences)


def test_sources_of_a_mixture_are_compared_too(drawn):
    mixed = integrate(drawn("one", 3), drawn("two", 3), parse_fraction("1"), seed=0)
    table = audit_mixture(mixed).tables["near_duplicates"].set_index(["part", "other"])
    # Both sources were drawn from one seed: every face of one is a face of the other.
    row = table.loc[("train, two", "train, one")]
    assert (row["faces"], row["share"]) == (70, 1)


def test_groups_of_the_training_split_are_reported_and_datasets_without_any_pass(drawn, pack, tiny_samples):
    found = audit_mixture(drawn("groups", 3))
    table = found.tables["representation_race"]
    assert table["count"].sum() == 70
    assert 1 < found.metrics["race/effective_groups"] <= len(table)
    assert {"label", "source"} <= set(found.tables["association_race"]["race with"])
    own = tiny_samples().assign(accent=["north", "south"] * 28)
    assert "representation_accent" in audit_mixture(pack("own", own)).tables
    bare = audit_mixture(pack("bare", tiny_samples().drop(columns=["race", "person", "clip"])))
    assert set(bare.tables) == {"near_duplicates"}


def test_drawn_faces_are_alike_by_design_and_have_no_warning(drawn):
    found = drawn("copied", 3, copies)
    assert any("near-duplicate" in sentence for sentence in audit_mixture(found).sentences)
    parts = {name: replace(part, drawn=True) for name, part in found.parts.items()}
    audit = audit_mixture(replace(found, parts=parts))
    assert audit.metrics["near_duplicates/validation"] >= 4
    assert not any("near-duplicate" in sentence for sentence in audit.sentences)
