"""Whether the contrasts between arms find what is true of drawn faces: other faces help by their kind, or not at all.

    python -m benchmarks.diversity_truth [--dialects 0,0.7] [--seeds 0,1,2,3,4] [--epochs 12] [--output folder]

Trains the arms of ``studies/diversity.yaml`` (drawn faces) without a server and prints the table of contrasts for each
dialect. With dialect 0 and equal skin tones all groups are drawn alike, so that faces of other groups are only more
faces: add - same and swap - base are 0 in truth, also per group. With a dialect, the second and the third group show
emotions in a way that the base does not know. 40 trainings by default; ``--output`` keeps predictions, and a run that
was stopped continues with them.
"""

import argparse
import os
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import pandas as pd

from analysis import predictions_by_experiment, render_table
from analysis.tables.arms import arm_contrasts, contrast_table
from fer.data.dataset import FaceDataset
from fer.data.kept_aside import divided
from fer.data.mixing import integrate
from fer.evaluation.predictions import predict
from fer.preprocessing.pipeline import preprocess
from fer.study.cells import Cell, Mixture, Training
from fer.study.matrix import cells
from fer.study.reading import read_study, recipes
from fer.study.schema import StudyFile
from fer.study.server_form import cell_parameters
from fer.tracking import names
from fer.training.plan import TrainingPlan

STUDY = Path(__file__).parents[1] / "studies" / "diversity.yaml"
_SHOWN = ["contrast", "metric", "first_percent", "second_percent", "difference_points", "difference_points_low",
          "difference_points_high", "p", "p_holm"]  # fmt: skip


def study_with(dialect: float, changes: dict[str, Any]) -> StudyFile:
    """Return the study of drawn faces with this dialect; without one, also with equal skin tones."""
    study = read_study(STUDY, changes)
    given = {"dialect": dialect} | ({} if dialect else {"skin_tone": 0.0})
    datasets = {
        name: entry.model_copy(update={"options": {**entry.options, **given}}) for name, entry in study.datasets.items()
    }
    return study.model_copy(update={"datasets": datasets})


def mixed(mixture: Mixture, datasets: dict[str, FaceDataset], seed: int) -> FaceDataset:
    """Return the training data of a cell."""
    base = datasets[mixture.base]
    if mixture.addition is None:
        return divided(base, mixture.kept_aside, seed).base
    added = datasets[mixture.addition]
    return integrate(base, added, mixture.fraction, seed, mixture.arm, mixture.kept_aside, mixture.validation_from)


def tested(cell: Cell, training: Training, datasets: dict[str, FaceDataset]) -> pd.DataFrame:
    """Return the test predictions of a cell's model, which is trained now."""
    from fer.training.fit import train
    from fer.training.updates import held_steps

    plan = TrainingPlan(**asdict(training.parameters), seed=training.seed)
    protocol, side = plan.resolve()
    data = mixed(training.mixture, datasets, training.seed)
    trained = train(
        data, plan.backbone, protocol, plan.seed, plan.weights, plan.head, side, data.emotions,
        trunk_cache=plan.trunk_cache, steps_per_epoch=held_steps(plan.steps_per_epoch, data, protocol.batch_size),
    )  # fmt: skip
    test = datasets[cell.test.dataset].split(cell.test.split)
    return predict(lambda faces: trained.model.predict(faces, verbose=0), test, trained.emotions)


def contrasts(study: StudyFile, folder: Path) -> pd.DataFrame:
    """Train every cell of a study that ``folder`` has no predictions of; return the table of contrasts."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        datasets = {
            name: preprocess(recipe, Path(scratch) / name).dataset for name, recipe in recipes(study, None).items()
        }
        rows, predictions = [], {}
        for cell in cells(study):
            if not isinstance(cell.training, Training):
                continue
            run = f"{cell.position}-{cell.seed}"
            file = folder / f"{run}.parquet"
            if not file.is_file():
                tested(cell, cell.training, datasets).to_parquet(file)
                print(f"  {cell.experiment}, seed {cell.seed}", flush=True)
            predictions[run] = pd.read_parquet(file)
            rows.append(
                {
                    "run_id": run, "run_name": run, "experiment_name": study.name, "status": "FINISHED",
                    "start_time": pd.Timestamp(len(rows), unit="s", tz="UTC"),
                    names.tag(names.EXPERIMENT): cell.experiment, names.tag(names.ORIGIN): names.MEASURED,
                    names.tag(names.POSITION): str(cell.position),
                    **{names.param(name): value for name, value in cell_parameters(cell).items()},
                }
            )  # fmt: skip
    runs = pd.DataFrame(rows)
    return contrast_table(arm_contrasts(runs, predictions_by_experiment(runs, predictions)), study.test.attributes[0])


def main() -> None:
    """Train and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dialects", default="0,0.7", help="0,0.7")
    parser.add_argument("--seeds", default="0,1,2,3,4", help="0,1,2")
    parser.add_argument("--epochs", default="auto", help="auto: the study's")
    parser.add_argument("--output", type=Path, help="folder of the predictions; a temporary one without it")
    given = parser.parse_args()
    changes: dict[str, Any] = {"seeds": given.seeds.split(",")}
    if given.epochs != "auto":
        changes["epochs"] = given.epochs
    with tempfile.TemporaryDirectory() as scratch:
        for dialect in map(float, given.dialects.split(",")):
            print(f"dialect {dialect:g}", flush=True)
            table = contrasts(study_with(dialect, changes), (given.output or Path(scratch)) / f"dialect_{dialect:g}")
            print(render_table(table[_SHOWN], "markdown"), flush=True)


if __name__ == "__main__":
    main()
