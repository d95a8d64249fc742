"""Valid and invalid names of datasets."""

import pytest

from fer.data.dataset_names import check_name

TAKEN = ["fer2013", "CK+", "eila 2024", "Évora", "日本", "a.b", "...", "x" * 100, "it's", "a&b"]
REFUSED = [
    "", "  ", " a", "a ", "a\nb", "a\tb", "a\0b", "..", ".", "a/b", "../a", "a\\b", "x" * 101, "x" * 6000, "a\u202eb",
]  # fmt: skip


@pytest.mark.parametrize("name", TAKEN)
def test_names_that_people_give_are_taken(name):
    check_name(name)


@pytest.mark.parametrize("name", REFUSED)
def test_others_are_refused_in_one_short_sentence(name, refused):
    with refused("the dataset's name", "give one such as fer2013"):
        check_name(name)
    with pytest.raises(ValueError) as caught:
        check_name(name)
    assert len(str(caught.value)) < 300
