"""How precisely the planned test faces of a group measure its accuracy: clips, persons, frames, and what they share.

The variance of a group's mean outcome over equal clips is, with sigma^2 the variance of one face's outcome and the
correlations of :func:`fer.fairness.variance_components`,

    sigma^2 x (person / persons + clip / clips + person in clip / (persons in clips) + frame / faces)

(Cochran 1977, chapters 9 to 10; Snijders and Bosker 2012, section 11). With one person per clip and clip it is the
design effect 1 + (frames - 1) x correlation of Kish (1965).
"""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from scipy import optimize
from scipy.special import ndtr, ndtri

# Points of the quadrature over a standard normal variable; enough for latent correlations up to 0.99.
_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(61)
_MOST = 0.995
_NONE = 1e-9


@dataclass(frozen=True)
class Correlations:
    """Shares of the variance of a face's outcome, 0..1, with a sum of 1 or less: the rest is that of single frames.

    Attributes:
        person: correlation of two faces of one person in different clips.
        clip: of two persons of one clip.
        person_in_clip: what two frames of one person in one clip have in common besides.

    Raises ValueError for a value outside 0..1, or a sum above 1.

    """

    person: float = 0.0
    clip: float = 0.0
    person_in_clip: float = 0.0

    def __post_init__(self) -> None:
        if min(self.person, self.clip, self.person_in_clip) < 0 or self.within > 1 + 1e-9:
            raise ValueError("correlations are 0 or more, with a sum of at most 1.")

    @property
    def within(self) -> float:
        """Correlation of two frames of one person in one clip."""
        return self.person + self.clip + self.person_in_clip


@dataclass(frozen=True)
class GroupDesign:
    """The test faces of one group: equal clips.

    Numbers may be fractions: unequal clips count as their effective number (:func:`effective_clusters`).

    Attributes:
        clips: number of clips with faces of the group.
        frames: faces per person in a clip.
        persons_per_clip: persons of the group in a clip.
        clips_per_person: clips in which a person is.

    """

    clips: float
    frames: float = 1.0
    persons_per_clip: float = 1.0
    clips_per_person: float = 1.0

    @property
    def persons(self) -> float:
        """Number of persons, at least as many as one clip shows."""
        return max(self.appearances / self.clips_per_person, self.persons_per_clip)

    @property
    def appearances(self) -> float:
        """Number of persons in clips: a person in three clips counts three times."""
        return self.clips * self.persons_per_clip

    @property
    def faces(self) -> float:
        """Number of faces."""
        return self.appearances * self.frames

    @property
    def clusters(self) -> float:
        """Number of independent clusters: clips, or persons where these are fewer."""
        return min(self.clips, self.persons)

    def of(self, clips: float) -> "GroupDesign":
        """Return the same design with another number of clips (and, in proportion, persons and faces)."""
        return replace(self, clips=clips)

    def relative_variance(self, correlations: Correlations) -> float:
        """Return the variance of the mean outcome in units of the variance of one face's outcome, 0..1.

        Example:
            A hundred faces in ten clips, of which two have a correlation of 0.3: worth 27 independent faces.

            >>> design = GroupDesign(clips=10, frames=10)
            >>> round(1 / design.relative_variance(Correlations(clip=0.3)))
            27

        """
        return (
            correlations.person / self.persons
            + correlations.clip / self.clips
            + correlations.person_in_clip / self.appearances
            + max(1 - correlations.within, 0.0) / self.faces
        )


def pair_correlation(latent: float, accuracy: float) -> float:
    """Return the correlation of two outcomes that are right where correlated normal variables are below a threshold.

    By Gauss-Hermite quadrature over what the two have in common. ``latent``: tetrachoric correlation, 0..0.995;
    ``accuracy``: of both, between 0 and 1.
    """
    right = ndtr((ndtri(accuracy) + np.sqrt(latent) * _NODES) / np.sqrt(1 - latent))
    both = (_WEIGHTS * right**2).sum() / _WEIGHTS.sum()
    return float(np.clip((both - accuracy**2) / (accuracy * (1 - accuracy)), 0.0, 1.0))


def latent_correlation(correlation: float, accuracy: float) -> float:
    """Return the tetrachoric correlation of two outcomes, 0..0.995: the inverse of :func:`pair_correlation`.

    Example:
        >>> round(latent_correlation(0.2, 0.5), 3), round(latent_correlation(0.2, 0.95), 3)
        (0.309, 0.494)

    """
    if correlation < _NONE:
        return 0.0
    if pair_correlation(_MOST, accuracy) <= correlation:
        return _MOST
    return float(optimize.brentq(lambda latent: pair_correlation(latent, accuracy) - correlation, 0.0, _MOST))


@lru_cache(maxsize=512)
def at_accuracy(correlations: Correlations, known_at: float, accuracy: float) -> Correlations:
    """Return correlations that were found at one accuracy as they are at another.

    Those of a share fall near 0 and 1, where nearly all outcomes are alike. What is held is the tetrachoric correlation
    of each kind of pair: two faces of one person, of one clip, of both.
    """
    kinds = (correlations.person, correlations.clip, correlations.within)
    person, clip, within = (pair_correlation(latent_correlation(kind, known_at), accuracy) for kind in kinds)
    return Correlations(person, clip, max(within - person - clip, 0.0))
