"""The properties of a person: measures of head and features, hair, and the colours of skin, hair and eyes."""

from dataclasses import dataclass

import numpy as np

# sRGB of skin from lightest to darkest, at even steps of tone 0..1.
_SKIN = np.array(
    [
        (240, 200, 174),
        (230, 184, 152),
        (213, 163, 126),
        (188, 136, 98),
        (152, 103, 71),
        (116, 76, 54),
        (86, 56, 43),
    ],
    dtype=float,
)
_HAIR = np.array(
    [(226, 190, 128), (184, 120, 66), (146, 84, 48), (104, 68, 46), (66, 45, 34), (38, 29, 27), (24, 21, 24)],
    dtype=float,
)
_IRIS = np.array([(92, 132, 170), (98, 134, 104), (126, 98, 58), (84, 56, 36), (52, 36, 28)], dtype=float)

# Group centres lie between these tones at skin_tone = 1, and all at the common one at 0.
_LIGHTEST, _DARKEST, _COMMON_TONE, _TONE_SPREAD = 0.10, 0.84, 0.32, 0.10

# Hair styles: volume beyond the skull, lowest point of the hair behind the head, height of the hairline,
# of the temples, slant of the hairline, waviness of the outline (lengths in units of half a head), and how
# square the hairline is (1 = a curtain, 8 = a straight edge).
_STYLES = np.array(
    [
        (0.09, -0.30, -0.62, -0.10, 0.04, 0.000, 9.0),  # cropped
        (0.17, -0.25, -0.56, -0.12, 0.34, 0.000, 5.0),  # swept to one side
        (0.035, -0.35, -0.70, -0.22, 0.00, 0.000, 7.0),  # shaved
        (0.22, 0.02, -0.60, -0.12, 0.05, 0.030, 5.0),  # curly
        (0.15, 0.80, -0.60, 0.06, 0.34, 0.000, 3.0),  # bob, parted at the side
        (0.14, 1.50, -0.86, 0.10, 0.05, 0.006, 1.25),  # long, parted in the middle
        (0.27, 0.34, -0.62, -0.02, -0.06, 0.022, 3.5),  # curly, full
        (0.15, 1.45, -0.44, 0.08, 0.02, 0.000, 9.0),  # long, with a fringe
    ]
)
_MALE_STYLES, _FEMALE_STYLES = np.array([0, 1, 2, 3, 0, 1]), np.array([4, 5, 6, 7, 5, 4])

# Lowest and highest value of each measure, in units of half a head's height unless said otherwise.
_MEASURES: dict[str, tuple[float, float]] = {
    "head_width": (0.70, 0.80),
    "jaw": (0.14, 0.34),
    "eye_distance": (0.295, 0.355),
    "eye_height": (-0.10, -0.02),
    "eye_width": (0.165, 0.200),
    "eye_aperture": (0.85, 1.10),  # a factor
    "eye_tilt": (-0.035, 0.020),
    "brow_height": (0.215, 0.265),
    "brow_thickness": (0.028, 0.052),
    "brow_arch": (0.020, 0.055),
    "nose_length": (0.33, 0.42),
    "nose_width": (0.095, 0.145),
    "mouth_height": (0.55, 0.62),
    "mouth_width": (0.235, 0.300),
    "lip": (0.034, 0.062),
    "ear": (0.85, 1.15),  # a factor
}
_OTHER_DRAWS = 9
IDENTITY_DRAWS = len(_MEASURES) + _OTHER_DRAWS


@dataclass(frozen=True)
class Identities:
    """n persons. measures: name -> (n,); hair_style: (n, 7) as in the style table; colours: (n, 3) RGB, 0..255.

    male: (n,) bool; tone: (n,) 0 = lightest to 1 = darkest; beard: (n,) 0 = none to 1.
    """

    measures: dict[str, np.ndarray]
    hair_style: np.ndarray
    male: np.ndarray
    tone: np.ndarray
    beard: np.ndarray
    skin: np.ndarray
    hair: np.ndarray
    iris: np.ndarray
    shirt: np.ndarray


def tone_centres(groups: int, skin_tone: float) -> np.ndarray:
    """Return the mean tone (0..1) of each group, ``(groups,)``, for the option ``skin_tone``."""
    own = np.linspace(_LIGHTEST, _DARKEST, groups) if groups > 1 else np.array([_COMMON_TONE])
    return _COMMON_TONE + skin_tone * (own - _COMMON_TONE)


def draw_identities(uniform: np.ndarray, group: np.ndarray, groups: int, skin_tone: float) -> Identities:
    """Return the persons determined by ``uniform`` (n, IDENTITY_DRAWS), numbers in 0..1.

    group (n,): positions of the persons' groups, which only affect their tone; everything else by which a group
    could be recognised (hair and iris colour) follows from the tone.
    """
    measured = {
        name: low + (high - low) * uniform[:, column] for column, (name, (low, high)) in enumerate(_MEASURES.items())
    }
    rest = uniform[:, len(_MEASURES) :]
    male = rest[:, 0] < 0.5
    place = (rest[:, 1] * len(_MALE_STYLES)).astype(int)
    style = np.where(male, _MALE_STYLES[place], _FEMALE_STYLES[place])
    # Mild sexual dimorphism, so that gender is not only visible in the hair.
    measured["brow_thickness"] = measured["brow_thickness"] * np.where(male, 1.12, 0.85)
    measured["lip"] = measured["lip"] * np.where(male, 0.85, 1.12)
    measured["jaw"] = measured["jaw"] + np.where(male, -0.05, 0.05)
    centre = tone_centres(groups, skin_tone)[group]
    tone = np.clip(centre + _TONE_SPREAD * (2.0 * rest[:, 2] - 1.0), 0.0, 1.0)
    hair_tone = np.clip(0.95 * rest[:, 3] + 0.75 * tone - 0.05, 0.0, 1.0)
    iris_tone = np.clip(rest[:, 4] + 0.8 * tone - 0.1, 0.0, 1.0)
    shirt = 60.0 + 150.0 * rest[:, 5:8]
    beard = np.where(male & (rest[:, 8] < 0.3), 0.4 + 1.5 * rest[:, 8], 0.0)
    return Identities(
        measures=measured,
        hair_style=_STYLES[style],
        male=male,
        tone=tone,
        beard=beard,
        skin=ramp(_SKIN, tone),
        hair=ramp(_HAIR, hair_tone),
        iris=ramp(_IRIS, iris_tone),
        shirt=shirt,
    )


def ramp(stops: np.ndarray, place: np.ndarray) -> np.ndarray:
    """Return the colours (n, 3) at ``place`` (n,) 0..1 along evenly spaced ``stops`` (k, 3)."""
    at = np.linspace(0.0, 1.0, len(stops))
    return np.stack([np.interp(place, at, stops[:, channel]) for channel in range(3)], axis=1)
