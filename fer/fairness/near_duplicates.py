"""Near-duplicate faces by a perceptual hash: a picture that is in two splits or sources is not an independent test.

The hash is Zauner's DCT hash (Implementation and Benchmarking of Perceptual Image Hash Functions, 2010): of the face's
cosine transform the 8x8 lowest frequencies, without the zeroth row and column, one bit each, set where the coefficient
is above their median. Light, contrast, blur and JPEG change few of the 64 bits; different faces differ in about half.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from scipy.fft import dct

BITS = 64
# On FER2013, nearly all pairs at a distance of 6 bits are copies of one picture, and few at 10.
THRESHOLD = 6
_SIDE = 8
_BLOCK = 1024
_COMPARED = 1 << 22
# What the index finds for certain, and from how many pairs on it is used.
_INDEXED = 7
_PAIRS = 1 << 26


def perceptual_hash(faces: np.ndarray) -> np.ndarray:
    """Return the 64-bit hash of each face, uint64 (n,); ``faces`` is uint8 ``(n, h, w)`` or ``(n, h, w, c)``.

    Colours are averaged. Sides of fewer than 9 pixels are enlarged by repeating each pixel. A face of one gray level
    has the hash 0.
    """
    # Not imagehash.phash, which hashes Pillow images one by one (30,000 of 48 pixels in 2.2 s, here in 0.07 s) and
    # includes the zeroth row and column: other bits, so another threshold, and counts unlike those of older runs.
    down, across = (_frequencies(length) for length in faces.shape[1:3])
    hashes = np.empty(len(faces), dtype=np.uint64)
    for start in range(0, len(faces), _BLOCK):
        block = faces[start : start + _BLOCK].astype(np.float32)
        gray = block if block.ndim == 3 else block.mean(axis=3)
        # Rounded, so that a flat face is not hashed by the noise of floating point.
        lowest = np.round((down @ gray @ across.T).reshape(len(gray), BITS), 2)
        bits = lowest > np.median(lowest, axis=1, keepdims=True)
        hashes[start : start + _BLOCK] = np.packbits(bits, axis=1).view(np.uint64)[:, 0]
    return hashes


def nearest(query: np.ndarray, reference: np.ndarray, threshold: int = THRESHOLD) -> pd.DataFrame:
    """Return the nearest of ``reference`` for each hash of ``query``, by differing bits (Hamming distance).

    Args:
        query: uint64 (n,).
        reference: uint64 (m,).
        threshold: largest number of differing bits of near-duplicates, 0..64.

    Columns, n rows: ``nearest`` (position in ``reference``, the first of ties), ``distance`` (0..64) and ``within``
    (how many of ``reference`` are near-duplicates); without a reference ``nearest`` is -1 and ``distance`` 65.
    Exact: all pairs are compared, in blocks of bounded memory (36,000 against 36,000 in seconds).

    """
    place = np.full(len(query), -1, dtype=np.int64)
    distance = np.full(len(query), BITS + 1, dtype=np.int64)
    within = np.zeros(len(query), dtype=np.int64)
    rows = max(1, _COMPARED // max(1, len(reference)))
    for start in range(0, len(query) if len(reference) else 0, rows):
        differing = np.bitwise_count(query[start : start + rows, None] ^ reference[None])
        here = slice(start, start + len(differing))
        place[here] = differing.argmin(axis=1)
        distance[here] = differing.min(axis=1)
        within[here] = (differing <= threshold).sum(axis=1)
    return pd.DataFrame({"nearest": place, "distance": distance, "within": within})


def near_twins(query: np.ndarray, reference: np.ndarray, threshold: int = THRESHOLD) -> pd.DataFrame:
    """Return the nearest of ``reference`` for each hash of ``query`` that has a near-duplicate there.

    The rows of :func:`nearest` with ``within > 0``, in the same order and with the same values; the index is the
    position in ``query``. Not all pairs are compared, see :func:`have_near`: a million against a million takes minutes,
    in bounded memory.

    Args:
        query: uint64 (n,).
        reference: uint64 (m,).
        threshold: largest number of differing bits of near-duplicates, 0..64; above 7 all pairs are compared.

    Example:
        >>> query, reference = np.array([0b1011, 2**60 - 1], dtype=np.uint64), np.array([0, 0b0011], dtype=np.uint64)
        >>> near_twins(query, reference).to_dict("index")
        {0: {'nearest': 1, 'distance': 1, 'within': 2}}

    """
    if _few(query, reference, threshold):
        found = nearest(query, reference, threshold)
        return found[found["within"] > 0]
    known, first, copies = np.unique(reference, return_index=True, return_counts=True)
    asked, back = np.unique(query, return_inverse=True)
    within = np.zeros(len(asked), dtype=np.int64)
    # One number orders by distance, then by position: the least is that of the nearest, the first of ties.
    least = np.full(len(asked), (BITS + 1) * len(reference), dtype=np.int64)
    for owner, other, differing in _near_pairs(asked, known, threshold, np.zeros(len(asked), dtype=bool)):
        np.add.at(within, owner, copies[other])
        np.minimum.at(least, owner, differing.astype(np.int64) * len(reference) + first[other])
    distance, place = np.divmod(least, max(1, len(reference)))
    found = pd.DataFrame({"nearest": place[back], "distance": distance[back], "within": within[back]})
    return found[found["within"] > 0]


def have_near(query: np.ndarray, reference: np.ndarray, threshold: int = THRESHOLD) -> np.ndarray:
    """Return whether each hash of ``query`` has a near-duplicate in ``reference``, bool (n,).

    ``query`` is uint64 (n,), ``reference`` uint64 (m,); the same as ``nearest(...)["within"] > 0``, without comparing
    all pairs. Of two hashes that differ in at most 7 bits, one of the four words of 16 bits differs in at most one:
    only those are compared (multi-index hashing; Norouzi, Punjani and Fleet, CVPR 2012), about a thousandth of the
    pairs. A larger ``threshold`` compares all.

    Example:
        >>> have_near(np.array([0b1011, 2**60 - 1], dtype=np.uint64), np.array([0b0011], dtype=np.uint64)).tolist()
        [True, False]

    """
    if _few(query, reference, threshold):
        return nearest(query, reference, threshold)["within"].to_numpy() > 0
    known = np.unique(reference)
    asked, back = np.unique(query, return_inverse=True)
    found = np.isin(asked, known)
    for owner, _, _ in _near_pairs(asked, known, threshold, found):
        found[owner] = True
    return found[back]


def near_duplicates_between(
    hashes: np.ndarray, part: np.ndarray | pd.Series, threshold: int = THRESHOLD
) -> pd.DataFrame:
    """Return the number of faces of each part (split, source) that have a near-duplicate in each other part.

    Args:
        hashes: uint64 (n,), see :func:`perceptual_hash`.
        part: (n,) names; a null is in no part.
        threshold: see :func:`nearest`.

    MultiIndex (part, other), columns ``faces`` (of part), ``near_duplicates`` (of them with one in other), ``share``.

    """
    names = pd.Series(part).reset_index(drop=True)
    members = {name: hashes[(names == name).to_numpy()] for name in names.dropna().unique()}
    rows = {
        (name, other): (len(mine), int(have_near(mine, theirs, threshold).sum()))
        for name, mine in members.items()
        for other, theirs in members.items()
        if name != other
    }
    table = pd.DataFrame.from_dict(rows, orient="index", columns=["faces", "near_duplicates"])
    table.index = pd.MultiIndex.from_tuples(list(rows), names=["part", "other"])
    return table.assign(share=table["near_duplicates"] / table["faces"])


def _few(query: np.ndarray, reference: np.ndarray, threshold: int) -> bool:
    """Return whether all pairs are to be compared: where the index cannot find all, or would not pay."""
    return threshold > _INDEXED or len(query) * len(reference) <= _PAIRS


def _near_pairs(
    asked: np.ndarray, known: np.ndarray, threshold: int, settled: np.ndarray
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Yield each near pair of two sets of distinct hashes once: positions in ``asked`` and ``known``, differing bits.

    ``threshold`` is 0..7. Of those that the caller marks in ``settled``, bool like ``asked``, no more are looked for.
    """
    for word in range(4):
        shift = np.uint64(16 * word)
        words = ((known >> shift) & np.uint64(0xFFFF)).astype(np.int64)
        order = np.argsort(words, kind="stable")
        starts = np.searchsorted(words[order], np.arange((1 << 16) + 1))
        for change in (0, *(1 << bit for bit in range(16))):
            left = np.flatnonzero(~settled)
            wanted = ((asked[left] >> shift) & np.uint64(0xFFFF)).astype(np.int64) ^ change
            first, count = starts[wanted], starts[wanted + 1] - starts[wanted]
            ends = np.cumsum(count)
            cuts = np.searchsorted(ends, np.arange(_COMPARED, ends[-1] if len(ends) else 0, _COMPARED))
            for part in np.split(np.arange(len(left)), cuts):
                if not count[part].sum():
                    continue
                owner = np.repeat(part, count[part])
                offset = np.arange(len(owner)) - np.repeat(np.cumsum(count[part]) - count[part], count[part])
                other = order[first[owner] + offset]
                unlike = known[other] ^ asked[left[owner]]
                differing = np.bitwise_count(unlike)
                near = np.flatnonzero(differing <= threshold)
                near = near[~_found_before(unlike[near], word)]
                yield left[owner[near]], other[near], differing[near]


def _found_before(unlike: np.ndarray, word: int) -> np.ndarray:
    """Return whether a word before this one differs in at most one bit, so that the pair was found by that."""
    before = np.zeros(len(unlike), dtype=bool)
    for earlier in range(word):
        before |= np.bitwise_count((unlike >> np.uint64(16 * earlier)) & np.uint64(0xFFFF)) <= 1
    return before


def _frequencies(length: int) -> np.ndarray:
    """Return the cosines of the frequencies 1 to 8, float32 (8, length).

    Sides of fewer than 9 pixels, which do not have 8 frequencies, are enlarged by repeating each pixel.
    """
    repeats = -(-(_SIDE + 1) // length)
    cosines = dct(np.eye(length * repeats, dtype=np.float32), axis=0, norm="ortho")[1 : _SIDE + 1]
    return cosines.reshape(_SIDE, length, repeats).sum(axis=2)
