"""Names of any length become names of files, and those that begin alike stay apart."""

import re

import pandas as pd

from fer.record import Record
from fer.storage.file_names import file_part, image_key, short_name
from fer.storage.record_folder import write_record

TITLES = [f"{'long title ' * 40}{end}" for end in "ab"] + ["日本" * 100]


def test_long_names_fit_keep_their_ending_and_stay_apart():
    cut = [short_name(f"{title}.csv") for title in TITLES]
    assert all(len(name.encode()) <= 220 and name.endswith(".csv") for name in cut) and len(set(cut)) == 3
    assert short_name("results.csv") == "results.csv" and len(short_name("x." + "y" * 300)) == 220


def test_a_record_with_long_names_is_written(tmp_path):
    table = pd.DataFrame({"a": [1]})
    write_record(Record(tables={f"tables/{title}/{title}.csv": table for title in TITLES}), tmp_path / "record")
    assert len(list((tmp_path / "record").rglob("*.csv"))) == 3


def test_parts_of_files_names_and_keys_of_images_are_accepted_and_stay_apart():
    names = [
        "race",
        "race ",
        " race",
        "a/b",
        "a_b",
        "a:2f:b",
        "..",
        ".",
        "人種",
        "人稲",
        "$x$",
        "<b>",
        "race_classes",
        "é",
    ]
    for rule, accepted in ((file_part, r"[\w\- ][\w\-. ]*"), (image_key, r"[A-Za-z0-9_\-. ]+")):
        made = [rule(name) for name in names]
        assert len(set(made)) == len(made) and all(re.fullmatch(accepted, part) for part in made)
    assert file_part("人種") == "人種" and file_part("race_classes", ("_classes",)).startswith("race_classes-")
    assert len(image_key("人" * 300)) == 120
