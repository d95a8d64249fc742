"""Practice: what comes next follows the confusions, faces show what they should, progress is kept, exported, erased."""

import csv
import io
import json

import numpy as np
import pytest

from fer.app.practice.faces import PARTS, drawn_face
from fer.app.practice.own_faces import OwnFaces, check_faces
from fer.app.practice.progress import Progress
from fer.app.practice.scheduling import DELAYS, Answer, Question, confusions, next_question
from fer.data.emotions import EMOTIONS

TIME = "2026-01-01T12:00:00+00:00"


def answer(shown, answered, other="neutral"):
    return Answer(shown, answered, other, "full", TIME)


def simulated(person, faces, seed=0):
    """Return the questions and answers of a person (a function of the question) over so many faces."""
    chance, answers, questions = np.random.default_rng(seed), [], []
    for _ in range(faces):
        question = next_question(answers, EMOTIONS, chance)
        questions.append(question)
        answers.append(Answer(question.shown, person(question), question.other, question.strength, TIME))
    return questions, answers


def test_a_confusion_comes_back_soon_and_ever_later_once_it_is_told_apart():
    first = [answer("fear", "sad")]
    fillers = [answer("happy", "happy", "angry") for _ in range(DELAYS[0])]
    soon = next_question([*first, *fillers], EMOTIONS, np.random.default_rng(0))
    assert {soon.shown, soon.other} == {"fear", "sad"} and soon.strength == "full"
    known = [*first, *fillers, answer("fear", "fear", "sad"), *[answer("happy", "happy", "angry")] * DELAYS[0]]
    later = next_question(known, EMOTIONS, np.random.default_rng(0))
    assert {later.shown, later.other} != {"fear", "sad"}


def test_who_takes_fear_for_surprise_sees_more_of_both_than_of_any_other():
    questions, _ = simulated(lambda question: "surprise" if question.shown == "fear" else question.shown, 200)
    shown = [question.shown for question in questions[20:]]
    others = max(shown.count(emotion) for emotion in EMOTIONS if emotion not in ("fear", "surprise"))
    assert shown.count("fear") > others
    pairs = [{question.shown, question.other} for question in questions[20:]]
    assert pairs.count({"fear", "surprise"}) > len(pairs) / 4


def test_who_answers_everything_right_gets_every_emotion_and_weaker_expressions():
    questions, _ = simulated(lambda question: question.shown, 120)
    shown = [question.shown for question in questions]
    assert min(shown.count(emotion) for emotion in EMOTIONS) >= 8
    assert questions[0].strength == "full"
    assert {question.strength for question in questions[-30:]} & {"slight", "faint"}


def test_a_chosen_strength_is_kept_and_two_emotions_are_enough():
    chance = np.random.default_rng(0)
    assert next_question([], EMOTIONS, chance, "faint").strength == "faint"
    two = {next_question([answer("happy", "sad", "sad")], ("happy", "sad"), chance).shown for _ in range(40)}
    assert two == {"happy", "sad"}


def test_answers_to_emotions_that_are_not_practised_now_do_not_disturb():
    chance = np.random.default_rng(0)
    question = next_question([answer("fear", "contempt")] * 3, ("happy", "sad"), chance)
    assert {question.shown, question.other} == {"happy", "sad"}


def test_the_most_frequent_confusion_comes_first():
    answers = [answer("fear", "sad")] * 2 + [answer("fear", "fear"), answer("sad", "angry")]
    assert confusions(answers) == [("fear", "sad", 2, 3), ("sad", "angry", 1, 1)]


def test_a_weaker_expression_is_nearer_to_a_neutral_face_of_the_same_person():
    def apart(strength):
        shown, neutral = (
            drawn_face(Question(name, "sad", strength), 3, 96).picture for name in ("surprise", "neutral")
        )
        return np.abs(shown.astype(float) - neutral).mean()

    assert apart("full") > apart("clear") > apart("slight") > apart("faint") > 0


@pytest.mark.parametrize("emotion", EMOTIONS)
def test_brows_stand_above_eyes_above_the_mouth_within_the_picture(emotion):
    face = drawn_face(Question(emotion, "sad", "full"), 11, 120)
    brows, eyes, mouth = (face.regions[part] for part in PARTS)
    middle = [(boxes[:, 1] + boxes[:, 3] / 2).mean() for boxes in (brows, eyes, mouth)]
    assert middle == sorted(middle)
    assert all((boxes >= 0).all() and (boxes[:, :2] + boxes[:, 2:] <= 120).all() for boxes in (brows, eyes, mouth))


def test_progress_is_kept_from_one_session_to_the_next_exported_and_erased(tmp_path):
    file = tmp_path / "data" / "practice.jsonl"
    Progress(file).add(answer("fear", "sad"))
    again = Progress(file)
    again.add(answer("sad", "sad"))
    kept = Progress(file)
    assert [one.right for one in kept.answers] == [False, True]
    assert [one["answered"] for one in json.loads(kept.as_json())] == ["sad", "sad"]
    assert [row["right"] for row in csv.DictReader(io.StringIO(kept.as_csv()))] == ["False", "True"]
    kept.erase()
    assert not file.exists() and Progress(file).answers == []


def test_a_damaged_line_is_passed_over_and_the_others_count(tmp_path):
    file = tmp_path / "practice.jsonl"
    Progress(file).add(answer("fear", "sad"))
    with open(file, "a") as written:
        written.write('{"shown": "fear", "answ\n[1]\n{"shown": "rage", "answered": "sad", "other": "sad"}\n')
    assert len(Progress(file).answers) == 1


def test_a_file_that_cannot_be_written_stops_nothing(tmp_path):
    (tmp_path / "data").write_text("no folder")
    progress = Progress(tmp_path / "data" / "practice.jsonl")
    progress.add(answer("fear", "sad"))
    assert progress.unwritable and len(progress.answers) == 1


def test_without_a_file_progress_lasts_as_long_as_the_session():
    progress = Progress(None)
    progress.add(answer("fear", "fear"))
    assert len(progress.answers) == 1 and not progress.unwritable


def test_faces_of_a_users_own_dataset(pack, tmp_path, refused):
    pack("own", shape=(24, 24))
    check_faces(tmp_path / "own")
    source = OwnFaces(tmp_path / "own")
    emotion = source.emotions[0]
    face = source.face(Question(emotion, source.emotions[1], "full"), 0)
    assert face.picture.shape == (400, 400, 3)
    assert {part: len(boxes) for part, boxes in face.regions.items()} == {"brows": 2, "eyes": 2, "mouth": 1}
    with refused("nothing"):
        check_faces(tmp_path / "nothing")
