"""The pages of the app, as text."""

import re
from pathlib import Path

import fer.app.pages

PAGES = sorted(Path(fer.app.pages.__file__).parent.glob("*.py"))
_KEY = re.compile(r'\b(?:tell|tell_live|listen|camera_button)\("(\w+)"')
_KEPT = re.compile(r"session_state\.(\w+)\b")


def test_no_part_of_a_page_has_the_name_of_what_a_session_keeps():
    # Streamlit forgets what has the key of a part as soon as a page without that part is shown.
    text = "\n".join(path.read_text() for path in PAGES)
    keys = set(_KEY.findall(text))
    assert len(keys) > 4 and not keys & set(_KEPT.findall(text))
