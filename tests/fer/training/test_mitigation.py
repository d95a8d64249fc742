"""Mitigation methods: what each changes, against the published rules; groups; settings; resumed as if never stopped."""

from dataclasses import replace

import keras
import numpy as np
import pandas as pd
import pytest

from fer.preprocessing.pipeline import Recipe, preprocess
from fer.training import Phase, protocol_named
from fer.training.batches import Batches
from fer.training.fit import train
from fer.training.mitigation import METHODS, Mitigation, mitigation_of
from fer.training.mitigation.choice import read_settings, settings_text
from fer.training.mitigation.contract import TrainingFaces
from fer.training.mitigation.focal import Focal
from fer.training.mitigation.group_dro import GroupDRO
from fer.training.mitigation.groups import coded, training_groups
from fer.training.mitigation.held_out import held_out_part
from fer.training.mitigation.vrex import VREx
from fer.training.parameters import TrainingParameters, identifying
from fer.training.plan import TrainingPlan

CODES = np.array([0, 0, 1, 1, 1, 1])
GROUPS = np.array([0, 1, 0, 0, 0, 1])
LOSSES = np.array([1.0, 2.0, 3.0, 5.0], dtype=np.float32)
MEMBER = np.array([[1, 0, 0], [1, 0, 0], [0, 1, 0], [0, 1, 0]], dtype=np.float32)


def _faces(first=None):
    return TrainingFaces(CODES, GROUPS, ("a", "b"), 100, first, lambda other: other)


def _treatment(method, first=None, **settings):
    return Mitigation(method, settings=settings).treatment(_faces(first))


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    options = {"train": 64, "validation": 56, "test": 7, "groups": ["a", "b"], "shares": [3, 1], "size": 24}
    options |= {"frames_per_clip": 2, "clips_per_person": 1}
    folder = tmp_path_factory.mktemp("mitigation") / "drawn"
    return preprocess(Recipe("synthetic", options=options, size=24), folder).dataset


def test_weights_of_groups_and_of_groups_by_class_sum_to_the_same_for_each():
    weights = _treatment("group_weights").weights
    assert weights.mean() == pytest.approx(1)
    assert weights[GROUPS == 0].sum() == pytest.approx(weights[GROUPS == 1].sum())
    cells = _treatment("group_class_weights").weights
    sums = [cells[(group == GROUPS) & (code == CODES)].sum() for group in (0, 1) for code in (0, 1)]
    assert sums == pytest.approx([1.5] * 4)


def test_an_epoch_is_balanced_by_class_or_by_group(dataset):
    training = dataset.split("train")
    groups, _ = coded(training_groups(training, "race"))
    batches = Batches(training, 16, seed=0, sampling="balanced", balance_by=groups)
    drawn = batches._order
    assert len(drawn) == len(training) and (groups[drawn] == 0).sum() == (groups[drawn] == 1).sum()
    targets = np.concatenate([batches[number][1] for number in range(len(batches))])
    assert (targets.argmax(1) == training.codes()[drawn]).all()
    assert _treatment("class_balanced").balance_by is not _treatment("group_balanced").balance_by
    for method in ("group_balanced", "group_dro", "vrex"):
        assert (_treatment(method).balance_by == GROUPS).all()


def test_group_dro_raises_the_weight_of_the_group_with_the_larger_loss_by_the_published_rule():
    objective = GroupDRO(3, eta=0.5)
    value = float(objective.of(LOSSES, MEMBER))
    # The third group is not in the batch: it keeps its weight before normalisation.
    raised = np.array([np.exp(0.5 * 1.5), np.exp(0.5 * 4.0), 1.0])
    expected = raised / raised.sum()
    assert objective.group_weights.numpy() == pytest.approx(expected, rel=1e-5)
    assert value == pytest.approx(expected[0] * 1.5 + expected[1] * 4.0, rel=1e-5)
    objective.of(LOSSES, MEMBER)
    again = expected * raised
    assert objective.group_weights.numpy() == pytest.approx(again / again.sum(), rel=1e-5)


def test_vrex_adds_the_variance_of_the_groups_losses_and_weights_it_after_annealing():
    objective = VREx(10.0, anneal_steps=1)
    mean, variance = 2.75, 1.25**2
    assert float(objective.of(LOSSES, MEMBER)) == pytest.approx(mean + variance, rel=1e-5)
    assert float(objective.of(LOSSES, MEMBER)) == pytest.approx((mean + 10 * variance) / 10, rel=1e-5)


def test_focal_loss_agrees_with_keras():
    proba = np.array([[0.7, 0.2, 0.1], [0.1, 0.3, 0.6]], dtype=np.float32)
    targets = np.eye(3, dtype=np.float32)[[0, 1]]
    losses = keras.losses.CategoricalCrossentropy(reduction=None)(targets, proba)
    expected = keras.losses.CategoricalFocalCrossentropy(alpha=1.0, gamma=2.0)(targets, proba)
    assert float(Focal(2.0).of(losses, None)) == pytest.approx(float(expected), rel=1e-5)


def test_jtt_weights_what_a_first_shorter_training_gets_wrong():
    asked = []

    def first(share):
        asked.append(share)
        return np.eye(2)[[0, 1, 1, 0, 1, 1]]

    treatment = _treatment("jtt", first, upweight=7.0)
    assert asked == [0.5]
    assert treatment.weights.tolist() == [1, 7, 1, 7, 1, 1]


PROTOCOL = replace(protocol_named("scratch"), phases=(Phase("all", 2, 1e-3),), batch_size=32, augmentation="none")


@pytest.mark.parametrize("method", ["group_dro", "jtt"])
def test_a_method_resumed_after_an_interruption_ends_as_if_never_stopped(dataset, tmp_path, method):
    given = {"head": "pooled", "mitigation": Mitigation(method, settings={"eta": 0.1} if method == "group_dro" else {})}

    def interrupt(epoch, metrics):
        if epoch == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(dataset, "assistive1", PROTOCOL, 1, on_epoch=interrupt, folder=tmp_path, **given)
    resumed = train(dataset, "assistive1", PROTOCOL, 1, folder=tmp_path, **given)
    whole = train(dataset, "assistive1", PROTOCOL, 1, **given)
    measured = [name for name in whole.history if name != "train/images_per_second"]
    pd.testing.assert_frame_equal(resumed.history[measured], whole.history[measured], check_exact=True)
    pairs = zip(resumed.model.get_weights(), whole.model.get_weights(), strict=True)
    assert all(np.array_equal(a, b) for a, b in pairs)


def test_the_last_layer_is_retrained_and_the_model_is_the_plain_network(dataset):
    trained = train(dataset, "assistive1", PROTOCOL, 1, head="pooled", mitigation=Mitigation("dfr"))
    assert list(trained.history["phase"]) == ["all", "all", "last_layer"] and trained.best_epoch == 2
    held_out, watched = held_out_part(dataset, 0.5, 1)
    for split, faces in (("train", held_out), ("validation", watched)):
        right = trained.model.predict(faces.faces(), verbose=0).argmax(1) == faces.codes()
        assert right.mean() == pytest.approx(trained.history[f"{split}/accuracy"].iloc[-1])
    assert trained.history["train/accuracy"].iloc[-1] > trained.history["train/accuracy"].iloc[-2]
    assert type(trained.model) is keras.Model or type(trained.model).__module__.startswith("keras.")


def test_the_held_out_validation_faces_share_no_person_with_the_watched_ones(dataset):
    held_out, watched = held_out_part(dataset, 0.5, 0)
    assert len(held_out) + len(watched) == 56 and 14 <= len(held_out) <= 42
    assert not set(held_out.samples["person"]) & set(watched.samples["person"])


def test_a_face_without_a_group_is_refused_and_the_remedy_works(dataset, refused):
    two = replace(dataset, samples=dataset.samples.copy())
    two.samples["source"] = np.where(np.arange(len(two)) % 2, "first", "second")
    two.samples.loc[two.samples["source"] == "first", "race"] = None
    with refused("no known race", "groups=dataset", "groups=race,dataset"):
        training_groups(two, "race")
    assert sorted(training_groups(two, "dataset").unique()) == ["first", "second"]
    assert sorted(training_groups(two, "race,dataset").unique()) == ["a", "b", "first"]
    assert training_groups(dataset, "race*label").nunique() > 7
    with refused("one group", "groups="):
        training_groups(dataset, "dataset")
    with refused("no known age_group", "groups=race or groups=gender"):
        training_groups(dataset, "age_group")


def test_settings_are_read_written_and_refused(refused):
    assert read_settings(settings_text({"eta": 0.1, "gamma": 2.0})) == {"eta": 0.1, "gamma": 2.0}
    assert read_settings("{eta: 1e-3}") == {"eta": 0.001}
    assert mitigation_of("jtt", settings="{upweight: 20}").values == {"first_share": 0.5, "upweight": 20.0}
    for method, settings, said in (
        ("nothing", "auto", "use one of erm"),
        ("group_dro", "{gamma: 1}", "it has: eta"),
        ("erm", "{eta: 1}", "it has none"),
        ("jtt", "{first_share: 1.5}", "at most 1"),
        ("vrex", "{lambda: 0}", "above 0"),
        ("vrex", "{lambda: much}", "not a number"),
        ("vrex", "10", "write it as"),
    ):
        with refused(said):
            mitigation_of(method, settings=settings)


def test_a_method_that_draws_or_weighs_refuses_what_it_would_replace(refused):
    with refused("sampling=shuffled"):
        TrainingPlan(backbone="cnn", method="group_dro", sampling="balanced").resolve()
    with refused("class_weights=none"):
        TrainingPlan(backbone="cnn", method="group_weights", class_weights="balanced").resolve()


def test_plain_training_has_the_identity_that_it_had_before_methods():
    plain = TrainingParameters()
    assert identifying(replace(plain, method="erm")) == identifying(plain)
    assert "method" not in identifying(plain) and identifying(replace(plain, method="jtt"))["method"] == "jtt"


def test_every_method_has_its_defaults_within_its_search_space():
    for name, method in METHODS.items():
        for setting, one in method.settings.items():
            assert one.low <= one.default <= one.high, (name, setting)
