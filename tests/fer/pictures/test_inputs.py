"""What a user names becomes inputs, in order, each once; what names nothing is refused in one sentence."""

import pytest

from fer.pictures.inputs import Kind, inputs_of


@pytest.fixture
def folder(tmp_path):
    for name in ("b.jpg", "a.PNG", "deep/c.mp4", "notes.txt", ".hidden/d.jpg", "[odd] *.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    return tmp_path


def _names(inputs, folder):
    return [one.name.removeprefix(f"{folder}/") for one in inputs]


def test_a_folder_is_searched_with_all_below_but_hidden_files(folder):
    found = inputs_of([str(folder)])
    assert _names(found, folder) == ["[odd] *.jpg", "a.PNG", "b.jpg", "deep/c.mp4"]
    assert [one.kind for one in found] == [Kind.PICTURE] * 3 + [Kind.VIDEO]


def test_a_pattern_and_a_file_of_such_a_name(folder):
    assert _names(inputs_of([f"{folder}/*.jpg"]), folder) == ["[odd] *.jpg", "b.jpg"]
    assert _names(inputs_of([f"{folder}/**/*.mp4"]), folder) == ["deep/c.mp4"]
    assert _names(inputs_of([f"{folder}/[odd] *.jpg"]), folder) == ["[odd] *.jpg"]


def test_each_once_in_the_order_given(folder):
    found = inputs_of([f"{folder}/b.jpg", "camera:1", str(folder), "camera:1"])
    assert _names(found, folder) == ["b.jpg", "camera:1", "[odd] *.jpg", "a.PNG", "deep/c.mp4"]
    assert found[1].camera == 1


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ([], "no picture is named"),
        (["nowhere.jpg"], "there is no file or folder 'nowhere.jpg'"),
        (["*.nothing"], "matches no picture"),
        (["{}/notes.txt"], "neither a picture nor a video"),
        (["{}/empty"], "holds no picture"),
    ],
)
def test_what_names_nothing_is_refused(words, sentence, folder, refused):
    (folder / "empty").mkdir()
    with refused(sentence):
        inputs_of([word.format(folder) for word in words])
