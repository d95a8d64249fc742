"""Seeded draws of samples: each has a random stream of its own, named by what is drawn."""

import zlib
from collections.abc import Mapping
from decimal import Decimal

import numpy as np
import pandas as pd


def draw_count(fraction: Decimal, available: int) -> int:
    """Return floor(fraction x available) in exact decimal arithmetic."""
    return int(fraction * available // 1)


def shuffled(rows: np.ndarray, stream: str) -> np.ndarray:
    """Return ``rows`` in a random order that the name of the stream determines."""
    return np.random.default_rng(stream_seed(stream)).permutation(rows)


def stream_seed(stream: str) -> int:
    """Return the seed of the random stream of this name."""
    return zlib.crc32(stream.encode())


def apportion(counts: pd.Series, total: int) -> Mapping[str, int]:
    """Return ``total`` shared out in proportion to ``counts``, by the largest remainder method."""
    exact = counts * (total / max(int(counts.sum()), 1))
    whole = np.floor(exact).astype(int)
    order = (whole - exact).sort_values(kind="stable").index
    whole[order[: total - int(whole.sum())]] += 1
    return whole.to_dict()
