"""What the test faces can support, independent of the results."""

import pandas as pd

from fer.data.attributes import ALL
from fer.evaluation.independent_units import Clusters
from fer.evaluation.sentences import counted, rests_on


def scope(test: str, counts: pd.DataFrame, clusters: Clusters) -> str:
    """Say of which faces the figures are; ``counts`` is :func:`fer.evaluation.independent_units.unit_counts`."""
    whole = counts.loc[ALL]
    return (
        f"The figures are exact for the test set {test} ({rests_on(whole)}). What they say about other faces rests on "
        f"{counted(whole['clusters'], 'cluster')} ({clusters.name})."
    )
