"""What all entry points share."""

import warnings
from pathlib import Path

from entrypoints.command import format_warning
from fer import record


def test_a_warning_of_ours_is_one_line_without_code():
    told = format_warning("29 of 150 faces.", UserWarning, record.__file__, 24, "warn_of(found)")
    assert told == "warning: 29 of 150 faces.\n"


def test_others_warnings_keep_their_place():
    for category, file in ((UserWarning, warnings.__file__), (DeprecationWarning, record.__file__)):
        assert f"{Path(file).name}:24" in format_warning("Old.", category, file, 24)
