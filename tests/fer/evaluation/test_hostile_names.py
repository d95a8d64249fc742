"""Columns and groups of any name: every group has its own figures, under names that server and file systems accept."""

import re

import numpy as np
import pandas as pd
import pytest

from fer.data.attributes import Attribute
from fer.data.dataset import write_packed
from fer.data.emotions import EMOTIONS
from fer.evaluation import robustness, uncertainty
from fer.evaluation.evaluation import evaluate, evaluation_set
from fer.evaluation.metric_names import attributes_in, groups_in
from fer.evaluation.record import evaluation_record
from fer.storage.file_names import image_key
from fer.synthetic import SyntheticOptions, draw_population
from fer.text.name_parts import metric_part
from fer.tracking import names

# What the server accepts: mlflow.utils.validation, and MlflowClient.log_image.
METRIC, KEY = re.compile(r"[/\w.\- :]+"), re.compile(r"[a-zA-Z0-9_\-./ ]+")
# Pairs that differ in a sign only, whose name begins the other's, or ends as a table's column or another's file does.
GROUPS = [
    "Asian/Pacific",
    "Asian_Pacific",
    "50%+",
    "$0 (0%)-$20k (40%)",
    "日本",
    "nan",
    ".",
    "white",
    "white_low",
    "60+",
    "60_plus",
]
COLUMNS = [
    "ethnicity (self-reported)", "race/ethnicity", "人種", "faces", "accuracy", "robustness", "..", "race",
    "race_classes", "race_x_gender",
]  # fmt: skip
BY = [Attribute((column,)) for column in COLUMNS] + [Attribute(("race", "gender"))]


def classify(faces):
    """Return probabilities that follow from a face's pixels, as those of a model."""
    means = faces.reshape(len(faces), 7, -1).mean(axis=2)
    return np.exp((means - means.mean(axis=1, keepdims=True)) / 20)


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """An evaluation by all of them, with few replicates; the columns that no attribute asks for are slices."""
    samples, faces = draw_population(SyntheticOptions(train=7, validation=7, test=77, size=28, seed=1))
    for place, column in enumerate(COLUMNS):
        samples[column] = np.roll(np.array(GROUPS)[np.arange(len(samples)) % len(GROUPS)], place)
    samples["side/part"] = np.where(np.arange(len(samples)) % 2, "a/b", "a_b")
    samples["side_part"] = np.where(np.arange(len(samples)) % 2, "<script>", ":x")
    lost = pd.DataFrame({"sample_id": ["x"], "split": ["test"], "faces": ["60+"], "reason": ["no face"]})
    folder = tmp_path_factory.mktemp("hostile") / "data"
    dataset = write_packed(folder, "hostile", samples, faces, faces.shape[1:], {}, lost)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(uncertainty, "replicates_for", lambda clusters: 20)
        patch.setattr(robustness, "SEVERITIES", (1,))
        return evaluate(classify, evaluation_set(dataset, "test", BY), EMOTIONS, [dataset], robustness=["blur"])


@pytest.fixture(scope="module")
def record(done):
    return evaluation_record(done)


def test_every_group_has_its_own_figures_under_its_own_name(done, record):
    right = done.predictions["label"] == done.predictions["predicted"]
    for attribute in BY:
        groups = attribute.groups(done.predictions)
        named = groups_in(record.metrics, "test", "accuracy", attribute)
        assert set(named) == set(groups)
        for group, name in named.items():
            assert record.metrics[name] == pytest.approx(right[groups == group].mean())
            assert record.metrics[f"test/{attribute.slug}/count/{metric_part(group)}"] == (groups == group).sum()
            assert record.metrics[f"test/{attribute.slug}/persons/{metric_part(group)}"] > 0
    assert set(attributes_in(record.metrics, "test")) == set(BY)


def test_slices_are_kept_apart(done, record):
    right = done.predictions["label"] == done.predictions["predicted"]
    for column in ("side/part", "side_part"):
        for group, rows in right.groupby(done.predictions[column]):
            name = f"test/{metric_part(column)}/accuracy/{metric_part(group)}"
            assert record.metrics[name] == pytest.approx(rows.mean())
    assert len([path for path in record.tables if path.startswith("slices/side")]) == 2


def test_the_server_accepts_every_name(done, record):
    for name in record.latest():
        assert METRIC.fullmatch(name) and len(name) <= 250 and ".." not in name.split("/")
    assert all(METRIC.fullmatch(f"{names.WORST_GROUP}.{attribute.slug}") for attribute in BY)
    keys = [image_key(key) for key in record.images]
    assert len(set(keys)) == 1 + 2 * len(BY) and all(KEY.fullmatch(key) for key in keys)


def test_every_attribute_has_its_own_files(record):
    paths = [*record.tables, *record.figures]
    assert len(paths) == len(set(paths))
    assert len([path for path in paths if re.fullmatch("groups/.*csv", path)]) == 2 * len(BY)
    assert len([path for path in paths if re.fullmatch("intervals/.*", path)]) == 3 * len(BY)
    assert all(re.fullmatch(r"[\w\- ][\w.\- ]*", part) for path in paths for part in path.split("/"))


def test_the_description_has_a_row_for_every_group(record):
    assert "$0 (0%)-$20k (40%)" in record.description.replace("&#36;", "$") and "Asian/Pacific" in record.description
