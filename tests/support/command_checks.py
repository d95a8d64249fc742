"""Check commands of the documentation without running them: programs, entry points, parameters, values, files.

A kind of command that is not known here fails the check. Words in capitals, such as ``DATASET``, stand for ids, files
and folders of the reader's.
"""

import ast
import importlib
import importlib.util
import json
import re
from functools import cache
from pathlib import Path

import click
import yaml
from documented_commands import ROOT, Command, blocks

ENTRY_POINTS = yaml.safe_load((ROOT / "MLproject").read_text())["entry_points"]
MAKEFILE = (ROOT / "Makefile").read_text()
TARGETS = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.M))
PLACEHOLDER = re.compile(r"[A-Z][A-Z_]+")
# What a reader has and the checkout has not.
READERS_OWN = ("data", "tutorial", "out", "datasets", "mine.yaml", "drawn", "my_")


class UnknownCommandError(AssertionError):
    """Raised for a command that the checks do not know, so that none is skipped."""


def check(command: Command, page: Path) -> None:
    """Raise AssertionError, click's or the project's own error for a command that cannot work as it is written."""
    for name, value in command.variables.items():
        _check_variable(name, value)
    match command.words:
        case [".", ".venv/bin/activate"] | ["nvidia-smi"] | ["git", "clone", "GIT_ADDRESS"] | ["pre-commit", "install"]:
            pass
        case ["export", assignment]:
            _check_variable(*assignment.split("=", 1))
        case ["make", *words]:
            _check_make(words)
        case ["mlflow", "run", place, *words]:
            assert place in (".", "GIT_ADDRESS"), place
            _check_mlflow_run(place, words, page)
        case ["mlflow", *words]:
            _check_click(importlib.import_module("mlflow.cli").cli, words)
        case ["ray", *words]:
            _check_click(importlib.import_module("ray.scripts.scripts").cli, words)
        case ["fair-fer", "--help"]:
            pass
        case ["fair-fer", name, *words]:
            assert name in {*ENTRY_POINTS, "ENTRY_POINT"}, name
            if name != "ENTRY_POINT":
                _check_entry_point(name, words, page)
        case ["python", "-m", module, *words]:
            _check_module(module, words, page)
        case ["python", "-c", code]:
            check_code(code)
        case ["python", script, *words]:
            _check_script(script, words, page)
        case ["pip", "install", *words]:
            _check_pip(words)
        case ["mkdir", "-p", *folders] | ["rm", "-r", *folders] | ["du", "-sh", *folders]:
            assert folders
            assert not [folder for folder in folders if (ROOT / folder).exists() and _tracked(folder)]
        case ["curl", address, "-H", "Content-Type: application/json", "-d", body]:
            assert re.fullmatch(r"http://127\.0\.0\.1:[0-9]+/invocations", address), address
            asked = json.loads(body)
            assert [set(row) for row in asked["dataframe_records"]] == [{"picture"}], asked
            assert set(asked["params"]) == {"confidence"}, asked
        case ["head", "-n", number, file]:
            assert number.isdigit() and _is_readers_own(file)
        case _:
            raise UnknownCommandError(f"{command.place}: {command.words} is of no kind that the test knows")


def _tracked(name: str) -> bool:
    return name in {"fer", "analysis", "entrypoints", "tests", "docs", "studies", "benchmarks"}


def _is_readers_own(name: str) -> bool:
    return bool(PLACEHOLDER.fullmatch(name)) or name.startswith(READERS_OWN)


def _exists(name: str, page: Path) -> bool:
    titles = {block.title for block in blocks(page)}
    return (ROOT / name).exists() or name in titles or _is_readers_own(name)


@cache
def _sources() -> str:
    files = [path for package in ("fer", "analysis", "entrypoints") for path in (ROOT / package).rglob("*.py")]
    return "\n".join(path.read_text() for path in files) + MAKEFILE


def _check_variable(name: str, value: str) -> None:
    assert value, name
    known = name in ("KERAS_BACKEND", "DAYS", "PORT", "UPGRADE") or (name.startswith("FER_") and name in _sources())
    assert known or hasattr(importlib.import_module("mlflow.environment_variables"), name), name
    if name == "KERAS_BACKEND":
        assert value in ("tensorflow", "jax")


def _check_make(words: list[str]) -> None:
    targets = [word for word in words if "=" not in word]
    assert targets and set(targets) <= TARGETS, words
    for name in (word.split("=")[0] for word in words if "=" in word):
        assert re.search(rf"^{name} *\?=|\$\((if \$\()?{name}\)", MAKEFILE, re.M), name


def _check_mlflow_run(place: str, words: list[str], page: Path) -> None:
    given: dict[str, str] = {}
    name, rest = "main", iter(words)
    for word in rest:
        match word:
            case "-e":
                name = next(rest)
            case "-P":
                parameter, value = next(rest).split("=", 1)
                assert parameter not in given, f"{parameter} is given twice"
                given[parameter] = value
            case "--env-manager":
                assert next(rest) in ("local", "virtualenv", "conda")
            case "--experiment-name":
                assert next(rest)
            case _:
                raise UnknownCommandError(f"mlflow run has no {word}, or the test does not know it")
    assert "--env-manager" in words or place != ".", "without --env-manager local, MLflow builds an environment first"
    unknown = set(given) - set(ENTRY_POINTS[name]["parameters"])
    assert not unknown, f"{name} has no parameter {unknown}"
    _check_entry_point(name, [word for key, value in given.items() for word in (_option(key), value)], page)


def _option(parameter: str) -> str:
    return "--" + parameter.replace("_", "-")


def _check_entry_point(name: str, words: list[str], page: Path) -> None:
    module = re.search(r"python -m (entrypoints\.\w+)", ENTRY_POINTS[name]["command"])[1]
    command: click.Command = importlib.import_module(module).main
    parsed = command.make_context(name, [_filled(word) for word in words]).params
    check_values(module.removeprefix("entrypoints."), parsed, page)


def _filled(word: str) -> str:
    return "runs:/" + "0" * 32 if PLACEHOLDER.fullmatch(word.removeprefix("runs:/")) else word


def check_values(name: str, given: dict, page: Path) -> None:
    """Check the values of an entry point's parameters as far as no data are needed."""
    from fer.data.attributes import Attribute, parse_attributes

    match name:
        case "preprocess":
            _check_recipe(given)
        case "integrate":
            from fer.data.mixing import ARMS, parse_fraction

            parse_fraction(given["fraction"])
            assert given["arm"] in ARMS
        case "balance":
            from fer.data.balancing import check_balance

            check_balance(given["method"], given["target"], given["options"])
        case "train" | "tune":
            from fer.training.parameters import TrainingParameters
            from fer.training.plan import TrainingPlan

            if name == "tune":
                _check_launcher(given)
            names = {*TrainingParameters.__dataclass_fields__} & set(given)
            TrainingPlan(**{one: given[one] for one in names}).resolve()
        case "ensemble":
            assert given["weighting"] in ("average", "validation")
        case "evaluate":
            from fer.evaluation.perturbations import perturbations_named

            parse_attributes(given["attributes"] or ())
            perturbations_named(given["robustness"])
            assert (given["predictions"] is None) != (given["model"] is None)
            table = given["predictions"]
            assert table in (None, Path(_filled("FILE"))) or _exists(str(table), page), table
            assert given["split"] in ("train", "validation", "test")
        case "study" | "main":
            _check_study(given, page)
        case "status":
            from analysis.render import check_format

            assert given["form"] == "json" or check_format(given["form"]) is None
        case "report" | "compare":
            from analysis.render import check_format

            check_format(given["form"])
            Attribute.parse(given["attribute"])
            assert not given.get("published") or _exists(str(given["published"]), page), given
        case "plan":
            Attribute.parse(given["attribute"])
            assert given["question"] in ("auto", "groups", "change"), given
            assert 0 < given["power"] < 1 and given["difference"] > 0, given
        case "card":
            parse_attributes(given["attributes"] or ())
        case "predict":
            from fer.pictures.prediction import check_numbers
            from fer.pictures.table import FORMATS

            check_numbers(given["every"], given["seconds"])
            assert given["form"] in ("text", *FORMATS), given
        case "register":
            from fer.tracking.registry import check_alias, check_registered_name

            check_registered_name(given["name"], "name")
            check_alias(given["alias"] or "none")
        case "promote":
            from fer.tracking.registry import check_alias

            check_alias(given["alias"])
            assert 0 < given["margin"] < 100, given
        case "sync":
            assert given["store"] == "journal" or given["store"].startswith("sqlite:///"), given
        case "export":
            from fer.export import check_can_export

            check_can_export(given["formats"], given["precisions"])
            parse_attributes(given["attributes"])
        case _:
            raise UnknownCommandError(f"the test does not know what the values of {name} may be")


def _check_recipe(given: dict) -> None:
    from fer.data.splitting import RULES
    from fer.detectors import DETECTORS
    from fer.sources import parse_options, source_named
    from fer.sources.images import INTERPOLATIONS

    source = source_named(given["source"])
    parse_options(given["source"], given["options"])
    assert (given["raw"] is not None) == source.needs_folder, "raw"
    assert given["split_rule"] in ("auto", *RULES)
    assert given["detector"] in ("auto", "none", *DETECTORS)
    if given["detector_options"]:
        options = importlib.import_module(DETECTORS[given["detector"]].module).Options
        assert set(given["detector_options"]) <= set(options.model_fields)
    assert given["interpolation"] in INTERPOLATIONS


def _check_study(given: dict, page: Path) -> None:
    from fer.study.reading import overrides, read_study

    config = given["config"]
    assert _exists(config, page), config
    if not (ROOT / config).exists():
        return
    _check_launcher(given)
    own = {"config", "data", "limit", "seeds", "launcher", "launcher_options", "workers", "claims", "plan"}
    training = {key: value for key, value in given.items() if key not in own}
    has_data = given["data"] is not None
    study = read_study(ROOT / config, overrides(training, given["limit"], given["seeds"]), has_data)
    needs_data = "{data}" in study.model_dump_json(exclude={"with_data"})
    assert needs_data == has_data, "data"


def _check_launcher(given: dict) -> None:
    """Check a launcher's name and options, without opening it: Slurm is not everywhere."""
    from fer.launching import launcher_named
    from fer.options import parse

    module = importlib.import_module(launcher_named(given["launcher"]).module)
    parse(module.Options, given["launcher_options"], given["launcher"])


def check_code(code: str) -> None:
    """Check that a program can be parsed, that the modules it imports exist, and the project's own names in them."""
    for statement in ast.walk(ast.parse(code)):
        if isinstance(statement, ast.Import):
            assert all(importlib.util.find_spec(one.name) for one in statement.names)
        elif isinstance(statement, ast.ImportFrom) and statement.module.startswith(("fer", "analysis")):
            module = importlib.import_module(statement.module)
            assert all(hasattr(module, one.name) for one in statement.names)


def _check_click(command: click.Command, words: list[str]) -> None:
    while isinstance(command, click.Group):
        name, *words = words or [""]
        found = command.get_command(click.Context(command), name)
        assert found is not None, f"mlflow has no {name}"
        command = found
    command.make_context(command.name, words)


def _check_module(module: str, words: list[str], page: Path) -> None:
    if module == "entrypoints.ENTRY_POINT":
        return
    if module.startswith("entrypoints."):
        _check_entry_point(module.removeprefix("entrypoints."), words, page)
    elif module == "pip":
        assert words[:1] == ["install"]
        _check_pip(words[1:])
    elif module == "pytest":
        assert all(_exists(word, page) for word in words if not word.startswith("-")), words
    elif module.startswith(("benchmarks.", "fer.")):
        path = module.replace(".", "/")
        _check_script(f"{path}/__main__.py" if (ROOT / path).is_dir() else f"{path}.py", words, page)
    else:
        raise UnknownCommandError(f"the test does not know python -m {module}")


def _check_script(script: str, words: list[str], page: Path) -> None:
    """Check that a script exists and has the options; its positional arguments must be the reader's own files."""
    assert _exists(script, page), script
    if not (ROOT / script).exists():
        return
    text = (ROOT / script).read_text()
    for before, word in zip(["", *words], words, strict=False):
        if word.startswith("--"):
            assert f'"{word}"' in text, f"{script} has no {word}"
        elif not before.startswith("--"):
            assert _is_readers_own(word), f"{script} {word}"


def _check_pip(words: list[str]) -> None:
    import tomllib

    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    known = {"pre-commit", "tensorflow[and-cuda]", "."} | {f".[{extra}]" for extra in extras}
    rest = iter(words)
    for word in rest:
        if word == "--constraint":
            assert (ROOT / next(rest)).is_file()
        else:
            assert word == "--editable" or word in known, word
