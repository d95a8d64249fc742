"""Every command in the documentation exists as it is written: programs, entry points, parameters, values, files.

The commands of the tutorial are run as well, by ``tests/pipeline/test_tutorial.py``.
"""

import re

import pytest
from command_checks import ENTRY_POINTS, UnknownCommandError, check
from documented_commands import (
    NO_COMMANDS,
    PAGES,
    ROOT,
    blocks,
    fenced_commands,
    read_commands,
    sentences_commands,
    spans,
    study_commands,
)

from fer.training.parameters import TrainingParameters

COMMANDS = [(one, page) for page in PAGES for one in (*fenced_commands(page), *sentences_commands(page))]
COMMANDS += [(one, ROOT / "README.md") for one in study_commands()]
# Names of programs or their subcommands, not commands.
NAMED_ONLY = {"mlflow run", "mlflow gc", "mlflow ui", "mlflow server"}


@pytest.mark.parametrize(("command", "page"), COMMANDS, ids=[str(command) for command, _ in COMMANDS])
def test_a_command_exists_as_it_is_written(command, page):
    if " ".join(command.words) not in NAMED_ONLY:
        check(command, page)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_stand_in_blocks_of_their_own_kind(page):
    known = NO_COMMANDS | {"sh"}
    assert [(block.line, block.language) for block in blocks(page) if block.language not in known] == []
    hidden = re.compile(r"^(mlflow|make|fair-fer|pip|python -)\b", re.M)
    texts = [block for block in blocks(page) if block.language == "text"]
    assert [block.line for block in texts if hidden.search(block.text)] == []


def test_the_pages_have_the_commands_that_they_had():
    by_page = {page.name: len(fenced_commands(page)) for page in PAGES}
    assert by_page["README.md"] >= 15 and by_page["tutorial.md"] >= 12 and len(COMMANDS) >= 80
    assert len(study_commands()) == 10


PARAMETERS = [
    (page, number, span) for page in PAGES for number, span in spans(page) if re.fullmatch(r"-P '?\w+=.*", span)
]


@pytest.mark.parametrize(("page", "number", "span"), PARAMETERS, ids=lambda part: getattr(part, "name", str(part)))
def test_parameters_in_sentences_are_those_of_an_entry_point(page, number, span):
    (command,) = read_commands(span, f"{page}:{number}")
    assert set(command.words[::2]) == {"-P"}
    names = {word.split("=", 1)[0] for word in command.words[1::2]}
    assert [name for name, entry in ENTRY_POINTS.items() if names <= set(entry["parameters"])], names


# `batch_size=32` and the like in sentences.
SETTINGS = [
    (name, value)
    for page in PAGES
    for _, span in spans(page)
    for name, value in re.findall(r"^([a-z_]+)=(\w[\w./,-]*)$", span)
    if name in TrainingParameters.__dataclass_fields__
]


@pytest.mark.parametrize(("name", "value"), sorted(set(SETTINGS)))
def test_values_of_training_parameters_in_sentences_are_valid(name, value):
    from fer.training.plan import TrainingPlan

    TrainingPlan(**({"backbone": "cnn"} | {name: value})).resolve()


PATHS = re.compile(r"(?:docs|fer|analysis|entrypoints|tests|studies|benchmarks)/[\w./-]+")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_files_named_in_sentences_exist(page):
    missing = [(number, span) for number, span in spans(page) if PATHS.fullmatch(span) and not (ROOT / span).exists()]
    if page.name == "CONTRIBUTING.md":  # It shows how to write these.
        missing = [(number, span) for number, span in missing if span not in ("fer/sources/kdef.py",)]
    assert missing == []


WRONG = {
    "mlflow run . -e train -P dataset=runs:/DATASET": "--env-manager",
    "mlflow run . --env-manager local -e trian -P dataset=runs:/DATASET": "trian",
    "mlflow run . --env-manager local -e train -P dataset=runs:/DATASET -P epoch=3": "epoch",
    "mlflow run . --env-manager local -e train -P backbone=cnn": "dataset",
    "mlflow run . --env-manager local -e train -P dataset=runs:/DATASET -P backbone=cmm": "cmm",
    "mlflow run . --env-manager local -e report -P experiment=x -P replicates=many": "many",
    "mlflow run . --env-manager local -e study -P config=studies/none.yaml": "none.yaml",
    "mlflow run . --env-manager local -e study -P config=studies/eila.yaml": "data",
    "mlflow run . --env-manager local -e preprocess -P source=fer2013 -P raw=data -P 'options={split: field}'": "split",
    "fair-fer trian --dataset runs:/DATASET": "trian",
    "make demoo": "demoo",
    "make cache-clean DAY=3": "DAY",
    "mlflow gc --older 3d": "--older",
    "python -m benchmarks.nothing": "nothing",
    "python -m benchmarks.trunk_cache --ratios": "--ratios",
    "python benchmarks/bootstrap.py --speed 3": "--speed",
    "export FER_CACHES=x": "FER_CACHES",
    "pip install fair-fer": "fair-fer",
    "curl http://127.0.0.1": "curl",
}


@pytest.mark.parametrize(("text", "word"), WRONG.items())
def test_a_wrong_command_is_found(text, word):
    (command,) = read_commands(text, "a page:1")
    with pytest.raises(BaseException, match=re.escape(word)):  # click's errors and the project's own.
        check(command, ROOT / "README.md")


@pytest.mark.parametrize("text", ["make demo > log", "cat x | head", "make demo; make ui", "sleep 3 &"])
def test_what_a_shell_does_beyond_commands_is_refused(text):
    with pytest.raises(ValueError, match="does not know"):
        list(read_commands(text, "a page:1"))


def test_an_unknown_kind_of_command_is_not_skipped():
    (command,) = read_commands("conda activate fair-fer", "a page:1")
    with pytest.raises(UnknownCommandError, match="conda"):
        check(command, ROOT / "README.md")
