"""Whether the contrasts between arms find what is true of drawn faces: other faces help by their kind, or not at all.

    python -m benchmarks.diversity_truth [--dialects 0,1] [--seeds 0,1,2,3,4] [--more 5,6,7] [--output folder]

Trains the arms of ``studies/diversity.yaml`` (drawn faces) without a server and prints the table of contrasts for each
dialect. With dialect 0 all groups are drawn alike, and each face of the base and of the addition is another person, so
that faces of other groups are only more faces: add - same and swap - base are 0 in truth, also per group. With a
dialect, the second and the third group show emotions in a way that the base does not know. The base alone and the arm
same are trained on faces of the first group, which has no dialect: they are trained once for all dialects.

``true`` is the difference on 3,000 faces of 500 other persons, a mean over all seeds (those of ``--more`` too), with
its standard error over seeds. The contrasts themselves are those of the study: its test faces, the seeds ``--seeds``.
``--output`` keeps predictions, and a run that was stopped continues with them.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import pandas as pd

from analysis import predictions_by_experiment, render_table
from analysis.tables.arms import arm_contrasts, contrast_table
from fer.data.dataset import FaceDataset
from fer.data.kept_aside import divided
from fer.data.mixing import integrate
from fer.evaluation.predictions import predict
from fer.fairness.bootstrap import REPLICATES
from fer.preprocessing.pipeline import preprocess
from fer.study.cells import Cell, Mixture, Training
from fer.study.matrix import cells
from fer.study.reading import read_study, recipes
from fer.study.schema import StudyFile
from fer.study.server_form import cell_parameters
from fer.tracking import names
from fer.training.plan import TrainingPlan

if TYPE_CHECKING:
    from fer.training.fit import Trained

STUDY = Path(__file__).parents[1] / "studies" / "diversity.yaml"
# The test faces of the truth; the study's seeds of datasets are small.
MANY = {"test": 3000, "seed": 1000}
_KEY, _DIFFERENCE = ["contrast", "metric"], "difference_points"
_SHOWN = [*_KEY, "first_percent", "second_percent", _DIFFERENCE, f"{_DIFFERENCE}_low", f"{_DIFFERENCE}_high", "p",
          "p_holm"]  # fmt: skip


def study_with(dialect: float, changes: dict[str, Any], file: Path = STUDY) -> StudyFile:
    """Return a study of drawn faces with this dialect."""
    study = read_study(file, changes)
    datasets = {
        name: entry.model_copy(update={"options": {**entry.options, "dialect": dialect}})
        for name, entry in study.datasets.items()
    }
    return study.model_copy(update={"datasets": datasets})


def mixed(mixture: Mixture, datasets: dict[str, FaceDataset], seed: int) -> FaceDataset:
    """Return the training data of a cell."""
    base = datasets[mixture.base]
    if mixture.addition is None:
        return divided(base, mixture.kept_aside, seed).base
    added = datasets[mixture.addition]
    return integrate(base, added, mixture.fraction, seed, mixture.arm, mixture.kept_aside, mixture.validation_from)


def trained(training: Training, datasets: dict[str, FaceDataset]) -> "Trained":
    """Train the model of a cell."""
    from fer.training.fit import train
    from fer.training.updates import held_steps

    plan = TrainingPlan(**asdict(training.parameters), seed=training.seed)
    protocol, side = plan.resolve()
    data = mixed(training.mixture, datasets, training.seed)
    return train(
        data, plan.backbone, protocol, plan.seed, plan.weights, plan.head, side, data.emotions,
        trunk_cache=plan.trunk_cache, steps_per_epoch=held_steps(plan.steps_per_epoch, data, protocol.batch_size),
        mitigation=plan.mitigation,
    )  # fmt: skip


def tested(cell: Cell, one: "Trained", datasets: dict[str, FaceDataset]) -> dict[str, pd.DataFrame]:
    """Return the predictions of a cell's model for the study's test faces and for many."""
    tests = {"test": datasets[cell.test.dataset].split(cell.test.split), "many": datasets["many"].split("test")}
    model = partial(one.model.predict, verbose=0)
    return {name: predict(model, faces, one.emotions) for name, faces in tests.items()}


def drawn(study: StudyFile, scratch: Path) -> dict[str, FaceDataset]:
    """Return the datasets of a study, and the faces of the truth under the name ``many``."""
    entry = study.datasets[study.test.dataset[0]]
    many = entry.model_copy(update={"options": {**entry.options, **MANY}, "title": "many"})
    whole = study.model_copy(update={"datasets": {**study.datasets, "many": many}})
    return {name: preprocess(recipe, scratch / name).dataset for name, recipe in recipes(whole, None).items()}


class Results(NamedTuple):
    """The runs of a study, as :func:`analysis.load_runs` returns them, and its predictions by run.

    ``test`` are the predictions of the study's test faces, ``many`` those of the faces of the truth.
    """

    runs: pd.DataFrame
    test: dict[str, pd.DataFrame]
    many: dict[str, pd.DataFrame]


def results(
    studies: dict[float, StudyFile], folder: Path, depends: Callable[[Mixture], bool] | None = None
) -> dict[float, Results]:
    """Train every cell of the studies, by dialect, that ``folder`` has no predictions of; return all results.

    ``depends`` says of a mixture whether the dialect changes its faces; by default where it holds other faces.
    """
    depends = other_faces if depends is None else depends
    rows: dict[float, list[dict[str, object]]] = {dialect: [] for dialect in studies}
    found = {dialect: Results(pd.DataFrame(), {}, {}) for dialect in studies}
    datasets: dict[float, dict[str, FaceDataset]] = {}
    with tempfile.TemporaryDirectory() as scratch:
        for alike in zip(*(cells(study) for study in studies.values()), strict=True):
            model = None
            for (dialect, study), cell in zip(studies.items(), alike, strict=True):
                if not isinstance(cell.training, Training):
                    continue
                run = f"{cell.position}-{cell.seed}"
                files = {name: folder / f"dialect_{dialect:g}" / f"{run}-{name}.parquet" for name in ("test", "many")}
                if not all(file.is_file() for file in files.values()):
                    if dialect not in datasets:
                        datasets[dialect] = drawn(study, Path(scratch, str(dialect)))
                    start = time.monotonic(), time.process_time()
                    if model is None or depends(cell.training.mixture):
                        model = trained(cell.training, datasets[dialect])
                    for name, table in tested(cell, model, datasets[dialect]).items():
                        files[name].parent.mkdir(parents=True, exist_ok=True)
                        table.to_parquet(files[name])
                    spent = time.monotonic() - start[0], time.process_time() - start[1]
                    which = f"dialect {dialect:g}: {cell.experiment}, seed {cell.seed}"
                    print(f"{which}: {spent[0]:.0f} s, CPU {spent[1]:.0f} s", flush=True)
                found[dialect].test[run], found[dialect].many[run] = map(pd.read_parquet, files.values())
                rows[dialect].append(
                    {
                        "run_id": run, "run_name": run, "experiment_name": study.name, "status": "FINISHED",
                        "start_time": pd.Timestamp(len(rows[dialect]), unit="s", tz="UTC"),
                        names.tag(names.EXPERIMENT): cell.experiment, names.tag(names.ORIGIN): names.MEASURED,
                        names.tag(names.POSITION): str(cell.position),
                        **{names.param(name): value for name, value in cell_parameters(cell).items()},
                    }
                )  # fmt: skip
    return {dialect: found[dialect]._replace(runs=pd.DataFrame(rows[dialect])) for dialect in studies}


def other_faces(mixture: Mixture) -> bool:
    """Return whether a mixture holds faces of the addition."""
    return mixture.arm != "same" and not mixture.is_base_alone


def contrasts(runs: pd.DataFrame, tables: dict[str, pd.DataFrame], replicates: int = REPLICATES) -> pd.DataFrame:
    """Return the table of contrasts between these runs, by the drawn group."""
    return contrast_table(arm_contrasts(runs, predictions_by_experiment(runs, tables)), "race", replicates=replicates)


def truth(runs: pd.DataFrame, many: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the contrasts on many faces: ``true``, the mean over seeds, and ``true_error``, its standard error."""
    parts = [contrasts(of_seed, many, replicates=1) for _, of_seed in runs.groupby(names.param("seed"))]
    by = pd.concat(parts).groupby(_KEY, sort=False)[_DIFFERENCE]
    return pd.DataFrame({"true": by.mean(), "true_error": by.sem()}).reset_index()


def main() -> None:
    """Train and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dialects", default="0,1", help="0,1")
    parser.add_argument("--seeds", default="0,1,2,3,4", help="0,1,2")
    parser.add_argument("--more", default="", help="seeds for the truth only: 5,6,7")
    parser.add_argument("--epochs", default="auto", help="auto: the study's")
    parser.add_argument("--output", type=Path, help="folder of the predictions; a temporary one without it")
    given = parser.parse_args()
    seeds, more = (list(filter(None, text.split(","))) for text in (given.seeds, given.more))
    changes: dict[str, Any] = {"seeds": [*seeds, *more]}
    if given.epochs != "auto":
        changes["epochs"] = given.epochs
    studies = {dialect: study_with(dialect, changes) for dialect in map(float, given.dialects.split(","))}
    with tempfile.TemporaryDirectory() as scratch:
        for dialect, (runs, test, many) in results(studies, given.output or Path(scratch)).items():
            table = contrasts(runs[runs[names.param("seed")].isin(seeds)], test)
            table = table[_SHOWN].merge(truth(runs, many), on=_KEY)
            print(f"dialect {dialect:g}", render_table(table, "markdown"), sep="\n\n", flush=True)


if __name__ == "__main__":
    main()
