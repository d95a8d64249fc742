"""The example table of predictions in the documentation: a classifier that learned from one group, on drawn faces.

    python benchmarks/example_predictions.py --to docs/examples/predictions.csv

200 drawn faces of three groups, in clips of two, are predicted by a logistic regression on pixels that saw the first
group alone; the other two show some emotions in a dialect of their own. No real person is in the table.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from fer.synthetic import SyntheticOptions, draw_population

TRAINED = SyntheticOptions(
    groups=("group_a",), shares=(1.0,), train=2800, validation=0, test=0, frames_per_clip=1,
    clips_per_person=7, difficulty=0.25, size=24, seed=1,
)  # fmt: skip
TESTED = SyntheticOptions(
    shares=(0.5, 0.25, 0.25), train=0, validation=0, test=200, frames_per_clip=2, clips_per_person=2, dialect=0.8,
    difficulty=0.25, size=24, seed=0,
)  # fmt: skip
COLUMNS = ("race", "gender", "person", "clip")


def example_table() -> pd.DataFrame:
    """Return the table: ``sample_id``, ``label``, ``predicted``, ``p_<emotion>`` (four decimals), groups, clusters."""
    known, pictures = draw_population(TRAINED)
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.003, max_iter=300))
    model.fit(_pixels(pictures), known["label"])
    samples, faces = draw_population(TESTED)
    proba = model.predict_proba(_pixels(faces)).round(4)
    emotions = model.classes_
    table = pd.DataFrame({"sample_id": [f"face_{number:03d}" for number in range(len(samples))]})
    table["label"] = samples["label"].to_numpy()
    table["predicted"] = emotions[proba.argmax(axis=1)]
    for place, emotion in enumerate(emotions):
        table[f"p_{emotion}"] = proba[:, place]
    return table.join(samples[list(COLUMNS)])


def _pixels(faces: np.ndarray) -> np.ndarray:
    return faces.reshape(len(faces), -1) / 255.0


def main() -> None:
    """Write the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--to", type=Path, required=True, help="the CSV file to write")
    place = parser.parse_args().to
    table = example_table()
    table.to_csv(place, index=False)
    right = (table["label"] == table["predicted"]).groupby(table["race"]).mean()
    print(f"{place}: {len(table)} rows; accuracy {right.round(3).to_dict()}")


if __name__ == "__main__":
    main()
