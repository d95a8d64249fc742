"""Mixup: each training face is blended with another one of its batch, and so are their targets (Zhang et al. 2018)."""

import numpy as np


def mixed(
    faces: np.ndarray, targets: np.ndarray, alpha: float, stream: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return faces and targets, each blended with those of another face of the batch in a random pairing.

    The share of the first face is drawn once for the batch from Beta(alpha, alpha), as by the authors (Zhang et al.
    2018, https://arxiv.org/abs/1710.09412); at 0.2 most shares are near 0 or 1.

    Args:
        faces: uint8 (b, h, w, c).
        targets: rows that sum to 1, float32 (b, classes).
        alpha: above 0.
        stream: the random stream of this batch.

    Returns:
        Faces, uint8, rounded; targets, float32. Shapes as given.

    """
    share = np.float32(stream.beta(alpha, alpha))
    other = stream.permutation(len(faces))
    blended = share * faces.astype(np.float32) + (1 - share) * faces[other].astype(np.float32)
    return blended.round().astype(np.uint8), share * targets + (1 - share) * targets[other]
