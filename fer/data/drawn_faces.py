"""Which faces were drawn by :mod:`fer.synthetic`: nothing that is said of persons or annotators is true of them."""

import pandas as pd

# Beginning of the name of a drawn face within its dataset.
DRAWN_FACE = "synthetic-"


def drawn_faces(samples: pd.DataFrame) -> pd.Series:
    """Return whether each face is a drawn one, bool (n,), from its ``sample_id``, ``<source>/<name>``.

    It is for tables of predictions, which do not name the source of a dataset; :attr:`FaceDataset.drawn` knows it. A
    drawn face that was saved as an image and read again under another name is not recognised.

    Example:
        >>> drawn_faces(pd.DataFrame({"sample_id": ["everyone/synthetic-test-000000", "eila/12_happy"]})).tolist()
        [True, False]

    """
    return samples["sample_id"].astype("str").str.rpartition("/")[2].str.startswith(DRAWN_FACE)
