"""The findings of a small study, without a server."""

import pandas as pd
import pytest

from analysis.experiments.evidence import Evidence
from analysis.report import Findings


@pytest.fixture(scope="session")
def findings(study):
    """Return the findings of ``study``: white in 12 clips, mixed in 4, black in one; few replicates."""
    runs, predictions = study
    return Findings(Evidence(runs, predictions, pd.DataFrame(columns=["run_id"])), replicates=200)
