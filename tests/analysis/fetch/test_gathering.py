"""What a report says of runs whose predictions cannot be used, of few runs and of thousands."""

import pandas as pd

from analysis.fetch import evidence
from fer.tracking import names


def test_few_runs_without_predictions_are_named_one_by_one_and_very_many_in_one_sentence():
    ids = [f"{number:032x}" for number in range(1000)]
    titles = {run: f"cell {number}" for number, run in enumerate(ids)}
    reasons = {run: f"run {run} has no predictions (it has no file predictions.parquet)." for run in ids}
    few = evidence._without_predictions(titles, dict(list(reasons.items())[:3]))
    assert few == [f"cell {number}: {reasons[ids[number]]}" for number in range(3)]
    reasons[ids[7]] = "the file is damaged."
    many = evidence._without_predictions(titles, reasons)
    assert many == [
        f"cell 0: {reasons[ids[0]]} The same holds for 998 other runs, from cell 1 to cell 999.",
        "cell 7: the file is damaged.",
    ]


def test_of_thousands_of_runs_those_that_predict_other_samples_are_left_out():
    usual, other = pd.DataFrame({"sample_id": ["a", "b"]}), pd.DataFrame({"sample_id": ["b", "c"]})
    predictions = {f"{number}": other if number % 1000 == 0 else usual for number in range(3000)}
    runs = pd.DataFrame({"run_id": list(predictions), "run_name": "cell", names.param("test"): "faces"})
    sentences = evidence._drop_other_samples(runs, predictions)
    assert len(predictions) == 2997 and len(sentences) == 3
    assert sentences[0].startswith("cell: it predicts other samples of faces than the other runs (1 of 2 shared)")
