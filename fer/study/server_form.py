"""A study's cells as text: the only place that makes their names and values for the tracking server and identities.

A changed name, value or spelling gives every cell another identity, and users' finished work is not reused. A parameter
that version 0.1.0 did not have is therefore among them only where it differs from its default.
"""

import json
from decimal import Decimal

from fer.data.mixing import MIXTURE
from fer.sentinels import AUTO, NONE
from fer.study.cells import Cell, Ensemble, Test, Training
from fer.study.schema import Balance
from fer.training.mitigation.registry import ERM
from fer.training.parameters import identifying

SEED = "seed"
KEPT_ASIDE, VALIDATION_FROM, PRETRAINED_ON = "kept_aside", "validation_from", "pretrained_on"
_ENSEMBLE = "ensemble"
_SEPARATOR = "; "
_ARM_LETTERS = {"add": "a", "swap": "s", "same": "o"}


def cell_parameters(cell: Cell) -> dict[str, str]:
    """Return the parameters that identify a cell, those of its training and its test; titles and position do not."""
    return training_parameters(cell.training) | _test_parameters(cell.test)


def training_parameters(training: Training | Ensemble) -> dict[str, str]:
    """Return the parameters that identify a training or an ensemble, without those of the test.

    An ensemble has the parameters of its first member, except that ``backbone`` is ``ensemble``, ``head`` is its title,
    and ``members`` names its members, joined by ``; ``. For a training, ``members``, ``weighting`` and ``validation``
    are ``none``.
    """
    if isinstance(training, Ensemble):
        return {
            **training_parameters(training.members[0]),
            "backbone": _ENSEMBLE,
            "head": training.title,
            "members": _SEPARATOR.join(map(_training_name, training.members)),
            "weighting": training.weighting,
            "validation": training.validation or NONE,
        }
    balance, before = training.mixture.balance, training.pretraining
    return {
        **identifying(training.parameters),
        **mixing_parameters(training),
        "base": training.grown,
        **({} if before is None else {PRETRAINED_ON: before.mixture.base}),
        "balance": NONE if balance is None else json.dumps(balance.model_dump(), sort_keys=True),
        "members": NONE,
        "weighting": NONE,
        "validation": NONE,
    }


def mixing_parameters(training: Training) -> dict[str, str]:
    """Return the parameters of the run that mixes a training's data.

    ``kept_aside`` and ``validation_from`` are among them where they differ from their defaults.
    """
    mixture = training.mixture
    return {
        "base": mixture.base,
        "addition": mixture.addition or NONE,
        "fraction": spelled(mixture.fraction),
        "arm": mixture.arm,
        SEED: str(training.seed),
        **({KEPT_ASIDE: spelled(mixture.kept_aside)} if mixture.kept_aside else {}),
        **({VALIDATION_FROM: mixture.validation_from} if mixture.validation_from != MIXTURE else {}),
    }


def balancing_parameters(balance: Balance, seed: int) -> dict[str, object]:
    """Return the parameters of the run that balances a training's data."""
    options = {name: balance.options[name] for name in sorted(balance.options)}
    return {"method": balance.method, "target": balance.target, "options": options, SEED: seed}


def evaluation_parameters(test: Test) -> dict[str, str]:
    """Return the parameters of the run that tests a model."""
    given = _test_parameters(test)
    return {
        "split": given["test_split"],
        "attributes": given["attributes"] or NONE,
        "cluster": given["cluster"],
        "robustness": given["robustness"],
    }


def without_seed(parameters: dict[str, str]) -> dict[str, str]:
    """Return the parameters without the seed, which repetitions of one experiment share."""
    return {name: value for name, value in parameters.items() if name != SEED}


def spelled(fraction: Decimal) -> str:
    """Return a fraction in its canonical spelling, so that 0.10 and 0.1 give the same cell."""
    return f"{fraction.normalize():f}"


def _test_parameters(test: Test) -> dict[str, str]:
    return {
        "test": test.dataset,
        "test_split": test.split,
        "attributes": ",".join(map(str, test.attributes)),
        "cluster": test.cluster,
        "robustness": ",".join(test.robustness) or NONE,
    }


def _training_name(training: Training) -> str:
    """Return a training's short name within its study and seed; it does not distinguish kinds of balancing."""
    mixture = training.mixture
    share = (
        "" if mixture.is_base_alone else f"{_ARM_LETTERS[mixture.arm]}{spelled(mixture.fraction)} {mixture.addition}"
    )
    given = training.parameters
    name = f"{mixture.base}{share} {given.backbone} {given.head}"
    name += "" if given.targets == AUTO else f" {given.targets}"
    name += "" if given.method in (AUTO, ERM) else f" {given.method}"
    name += "" if mixture.balance is None else " balanced"
    return name if training.pretraining is None else f"{name} after {training.pretraining.mixture.base}"
