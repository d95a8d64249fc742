"""The context of a small study, without a server."""

import pandas as pd
import pytest

from analysis.experiments.evidence import Evidence
from analysis.report import ReportContext


@pytest.fixture(scope="session")
def context(study):
    """Return the context of ``study``: white in 12 clips, mixed in 4, black in one; few replicates."""
    runs, predictions = study
    return ReportContext(Evidence(runs, predictions, pd.DataFrame(columns=["run_id"])), replicates=200)
