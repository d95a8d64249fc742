"""Mixup: faces and targets of a batch blended in pairs (Zhang et al. 2018, beyond empirical risk minimization)."""

import numpy as np


def mixed(
    faces: np.ndarray, targets: np.ndarray, alpha: float, stream: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return a batch in which each face and its target are blended with those of another face of the batch.

    One share, lambda ~ Beta(alpha, alpha), is drawn for the batch, and a random order of its faces for the partners:
    lambda x_i + (1 - lambda) x_j, and the same of the targets. Faces stay uint8: they are rounded.

    Args:
        faces: uint8 (b, h, w, c).
        targets: float32 (b, classes), each row sums to 1.
        alpha: above 0; the larger, the nearer lambda is to a half.
        stream: random stream of this batch.

    Example:
        >>> faces = np.array([0, 200], dtype=np.uint8).reshape(2, 1, 1, 1)
        >>> mixed(faces, np.eye(2, dtype=np.float32), 1.0, np.random.default_rng(3))[1].sum(axis=1)
        array([1., 1.], dtype=float32)

    """
    share = np.float32(stream.beta(alpha, alpha))
    partners = stream.permutation(len(faces))
    blended = share * faces + (1 - share) * faces[partners]
    return np.rint(blended).astype(np.uint8), share * targets + (1 - share) * targets[partners]
