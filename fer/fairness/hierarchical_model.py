"""Accuracy of sparse combinations of groups by a hierarchical model, in which they learn from each other.

Of three Black women over 60 in a test set, the raw accuracy says next to nothing. A multilevel model of the
intersections (MAIDA: Evans et al. 2018; Merlo 2018) says what they share with other women, other Black persons and
other persons over 60, and how far such combinations deviate from their parts elsewhere:

    logit P(right) = intercept + main effect of each attribute's value + interaction of the combination + clip

Interactions and clips are random effects, normal with unknown standard deviations. Main effects have the prior
normal(0, 1), the intercept normal(0, 10), the standard deviations half-normal(0, 1) and, for clips, half-normal(0, 2),
all in logits. A combination that has many clips keeps its raw accuracy, one of few is drawn towards its parts.

The clips are integrated over numerically and exactly, the effects by Laplace's approximation, the two standard
deviations on a grid with their uncertainty (nested Laplace approximation: Rue, Martino and Chopin 2009). statsmodels'
``BinomialBayesMixedGLM`` fits the same model, but its variational posterior takes effects as independent of each other:
its intervals are too narrow, see `docs/statistics.md`.
"""

from dataclasses import dataclass

import numpy as np
from scipy import linalg, sparse, special

_MAIN, _INTERCEPT = 1.0, 10.0
_INTERACTION, _CLIP = 1.0, 2.0
_INTERACTIONS = np.array([0.03, 0.1, 0.2, 0.35, 0.6, 1.0, 1.7])
_CLIPS = np.array([0.1, 0.25, 0.45, 0.7, 1.0, 1.4, 2.0, 3.0, 4.5])
# Standard normal nodes of the clips' integral.
_NODES = np.linspace(-5, 5, 51)
_WEIGHTS = np.exp(-(_NODES**2) / 2) / np.exp(-(_NODES**2) / 2).sum()
_LOG_WEIGHTS = np.log(_WEIGHTS)
_STEPS, _CONVERGED = 50, 1e-8
# A point of the grid that is less probable than the best by this factor, on the logarithmic scale, is left out.
_NEGLIGIBLE = 12.0


class NotFitted(Exception):
    """The model could not be fitted; the message says why."""


@dataclass(frozen=True)
class Cells:
    """The data: one row per cell (combination of groups) and clip.

    Attributes:
        right: float (rows,), number of correct predictions, a mean over seeds.
        count: float (rows,), number of predictions.
        cell: int (rows,).
        clip: int (rows,), from 0 without a gap, in ascending order.
        effects: float (cells, effects), 1 for the intercept and for each value that the cell has.

    """

    right: np.ndarray
    count: np.ndarray
    cell: np.ndarray
    clip: np.ndarray
    effects: np.ndarray


@dataclass(frozen=True)
class _Mode:
    """The posterior of the cells' logits at one point of the grid: normal, with how probable the point is."""

    mean: np.ndarray
    error: np.ndarray
    clip_sd: float
    log_weight: float


def posterior(cells: Cells, draws: int, random_state: int) -> np.ndarray:
    """Return draws of the accuracy of each cell on a new clip, 0..1, float (draws, cells).

    Raises NotFitted where the data do not determine the model, or the fit does not converge.
    """
    _check(cells)
    modes, start = [], np.zeros(cells.effects.shape[1] + len(cells.effects))
    for clip_sd in _CLIPS:
        for interaction_sd in _INTERACTIONS:
            mode, start = _fit(cells, float(interaction_sd), float(clip_sd), start)
            modes.append(mode)
    log_weight = np.array([mode.log_weight for mode in modes])
    weight = np.exp(log_weight - log_weight.max())
    weight[log_weight < log_weight.max() - _NEGLIGIBLE] = 0.0
    stream = np.random.default_rng(random_state)
    parts = []
    for mode, times in zip(modes, stream.multinomial(draws, weight / weight.sum()), strict=True):
        logits = mode.mean + mode.error * stream.normal(size=(times, len(cells.effects)))
        parts.append(special.expit(logits[..., None] + mode.clip_sd * _NODES) @ _WEIGHTS)
    return np.concatenate(parts)


def _check(cells: Cells) -> None:
    clips = np.bincount(cells.cell, minlength=len(cells.effects))
    if len(cells.effects) < 3:
        raise NotFitted(f"there are {len(cells.effects)} combinations of groups, and a model of them needs three")
    if not (clips > 1).any():
        raise NotFitted("no combination has two clips or more, so that clips cannot be told from combinations")
    right = cells.right.sum()
    if right == 0 or right == cells.count.sum():
        raise NotFitted("all predictions are right, or all wrong: there is nothing to model")


def _fit(cells: Cells, interaction_sd: float, clip_sd: float, start: np.ndarray) -> tuple[_Mode, np.ndarray]:
    """Return the posterior at one point of the grid, and its mode in effects and interactions."""
    size = len(cells.effects)
    design = np.concatenate([cells.effects, np.eye(size)], axis=1)
    width = cells.effects.shape[1]
    precision = np.concatenate([[_INTERCEPT**-2], np.full(width - 1, _MAIN**-2), np.full(size, interaction_sd**-2)])
    at = start
    value, gradient, hessian = _likelihood(cells, design @ at, clip_sd)
    value -= (precision * at**2).sum() / 2
    for _ in range(_STEPS):
        slope = design.T @ gradient - precision * at
        curvature = design.T @ hessian @ design + np.diag(precision)
        factor = _factor(curvature)
        step = linalg.cho_solve(factor, slope)
        if slope @ step < _CONVERGED:
            break
        share = 1.0
        while True:
            to = at + share * step
            higher, gradient, hessian = _likelihood(cells, design @ to, clip_sd)
            higher -= (precision * to**2).sum() / 2
            if higher >= value or share < 1e-6:
                break
            share /= 2
        at, value = to, higher
    else:
        raise NotFitted("the fit did not converge")
    root = linalg.solve_triangular(factor[0], design.T, lower=True)
    log_weight = value + np.log(precision).sum() / 2 - np.log(np.diagonal(factor[0])).sum()
    log_weight -= (interaction_sd / _INTERACTION) ** 2 / 2 + (clip_sd / _CLIP) ** 2 / 2
    log_weight += np.log(_width(_INTERACTIONS, interaction_sd) * _width(_CLIPS, clip_sd))
    return _Mode(design @ at, np.sqrt((root**2).sum(axis=0)), clip_sd, log_weight), at


def _factor(curvature: np.ndarray) -> tuple[np.ndarray, bool]:
    """Return the Cholesky factor; where the integral over clips is not concave, of the next matrix that has one."""
    for shift in (0.0, 1e-3, 1e-1, 1.0, 10.0):
        try:
            return linalg.cho_factor(curvature + shift * np.eye(len(curvature)), lower=True)
        except linalg.LinAlgError:
            continue
    raise NotFitted("the likelihood has no maximum")


def _width(grid: np.ndarray, value: float) -> float:
    """Return the width of the grid's interval around one of its values."""
    edges = np.concatenate([[0.0], (grid[1:] + grid[:-1]) / 2, [grid[-1] + (grid[-1] - grid[-2]) / 2]])
    return float(np.diff(edges)[np.flatnonzero(grid == value)[0]])


def _likelihood(cells: Cells, logits: np.ndarray, clip_sd: float) -> tuple[float, np.ndarray, np.ndarray]:
    """Return the log likelihood of cells' logits (cells,), its gradient and its negative Hessian (cells, cells)."""
    size = len(logits)
    eta = logits[cells.cell][:, None] + clip_sd * _NODES
    p = special.expit(eta)
    terms = cells.right[:, None] * eta - cells.count[:, None] * np.logaddexp(0.0, eta)
    starts = np.flatnonzero(np.diff(cells.clip, prepend=-1))
    joint = np.add.reduceat(terms, starts, axis=0) + _LOG_WEIGHTS
    most = joint.max(axis=1, keepdims=True)
    total = most[:, 0] + np.log(np.exp(joint - most).sum(axis=1))
    weight = np.exp(joint - total[:, None])[cells.clip]
    pull = cells.right[:, None] - cells.count[:, None] * p
    mean = (weight * pull).sum(axis=1)
    gradient = np.bincount(cells.cell, mean, minlength=size)
    curved = (weight * cells.count[:, None] * p * (1 - p)).sum(axis=1)
    away = pull - mean[:, None]
    if len(starts) == len(cells.clip):
        curved = curved - (weight * away**2).sum(axis=1)
        return float(total.sum()), gradient, np.diag(np.bincount(cells.cell, curved, minlength=size))
    # Rows of one clip covary over its nodes.
    place = (cells.clip[:, None] * len(_NODES) + np.arange(len(_NODES))).ravel()
    scaled = (np.sqrt(weight) * away).ravel()
    moved = sparse.csr_array((scaled, (place, np.repeat(cells.cell, len(_NODES)))), (len(starts) * len(_NODES), size))
    hessian = np.diag(np.bincount(cells.cell, curved, minlength=size)) - (moved.T @ moved).toarray()
    return float(total.sum()), gradient, hessian
