"""Build the emotion model that comes with the package, from FER2013's faces and the votes of FER+ only.

    python -m benchmarks.shipped_model --data DATA --to FOLDER [--run RUN]

DATA holds ``fer2013/`` and ``ferplus/``; of the other test sets (EiLA, SFEW, CK+, JAFFE) those at hand are evaluated.
The network is ``cnn`` by the protocol ``scratch_long``, 40 epochs, taught by the votes of the training faces
(``targets=votes``, seed 0); the best epoch is chosen on PublicTest. ``--run`` takes a finished training of FOLDER's
store instead. The file (ONNX, 16 bits), its description and its card are written to ``FOLDER/shipped``, and by
``benchmarks.shipped_threshold`` from which probability on it is sure; what is done is not done again.
"""

import argparse
import os
import shutil
from dataclasses import replace
from pathlib import Path

import mlflow

from benchmarks.public_models import PARTS, TESTS, prepare
from benchmarks.shipped_faces import NAME, ferplus, run_entry_point
from benchmarks.shipped_threshold import write_threshold
from fer.tracking import names

EPOCHS = 40
LICENSE = "research use only, as the terms of FER2013's pictures; votes of FER+: MIT"
SOURCE = "FER2013's 28,709 training faces with the votes of FER+, python -m benchmarks.shipped_model"
USE = (
    "It was trained on the faces of FER2013 (published on Kaggle in 2013, for research) with the votes of FER+ "
    "(Microsoft, MIT licence), and on nothing else. "
    "A first model for trying this project, and for people who cannot read faces and want a hint, as the app gives it. "
    "It must not be used to judge people, at work, in education, at borders or in hiring, nor to infer what they feel."
)


def main() -> None:
    """Preprocess, train, evaluate, register, write the card, export."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--to", type=Path, required=True)
    parser.add_argument("--run", help="id of a finished training in FOLDER's store")
    given = parser.parse_args()
    folder, data = given.to.absolute(), given.data.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["MLFLOW_TRACKING_URI"] = f"sqlite:///{folder / 'mlflow.db'}"
    faces = ferplus(data, folder)
    run = given.run or _trained(faces, folder)
    for name, place, attributes in [("ferplus", faces, "none"), *_others(data, folder)]:
        done = folder / "done" / f"{run}-{name}"
        _once(done, "evaluate", folder, model=run, dataset=str(place), attributes=attributes)
    _once(folder / "done" / f"{run}-registered", "register", folder, model=run, name=NAME, alias="champion")
    _card(folder)
    _export(run, folder / NAME)
    write_threshold(folder / NAME / "emotion.onnx", data, folder)
    print(f"The model is in {folder / NAME}.")


def _others(data: Path, folder: Path) -> list[tuple[str, Path, str]]:
    """Return (name, dataset, attributes) of the test sets of the public models that are at hand."""
    places = {name: prepare(name, data, folder, None) for name in TESTS if name not in PARTS}
    return [(name, place, TESTS[name].attributes) for name, place in places.items() if place is not None]


def _trained(faces: Path, folder: Path) -> str:
    kept = folder / "run.txt"
    if not kept.exists():
        run_entry_point(
            "train", folder, dataset=str(faces), backbone="cnn", protocol="scratch_long", epochs=str(EPOCHS),
            dropout="0.3", targets="votes", seed="0",
        )  # fmt: skip
        kept.write_text(_newest("train"))
    return kept.read_text()


def _card(folder: Path) -> None:
    run_entry_point("card", folder, model=f"models:/{NAME}@champion", use=USE)
    (folder / NAME).mkdir(exist_ok=True)
    written = mlflow.artifacts.download_artifacts(run_id=_newest("card"), artifact_path="model_card.md")
    shutil.copy(written, folder / NAME / "MODEL_CARD.md")


def _newest(stage: str) -> str:
    """Return the id of the newest finished run of an entry point."""
    finished = f"tags.`{names.STAGE}` = '{stage}' and attributes.status = 'FINISHED'"
    return str(mlflow.search_runs(experiment_names=[NAME], filter_string=finished)["run_id"].iloc[0])


def _export(run: str, target: Path) -> None:
    """Write the network at 16 bits, with the values of its batch normalisation, and its description."""
    from fer.export import convert, description_of
    from fer.models.onnx_weights import with_normalization
    from fer.tracking.models import load_logged

    model, emotions = load_logged(run)
    target.mkdir(exist_ok=True)
    [one] = convert(model, target, ["onnx"], ["float16"])
    file = one.file.rename(target / "emotion.onnx")
    with_normalization(model, file)
    text = description_of(replace(one, file=file), emotions, model.input_shape[1:], "cnn on FER+", SOURCE, LICENSE)
    (target / "emotion.onnx.yaml").write_text(text, encoding="utf-8")


def _once(done: Path, entry: str, folder: Path, **parameters: str) -> None:
    if not done.exists():
        run_entry_point(entry, folder, **parameters)
        done.parent.mkdir(exist_ok=True)
        done.touch()


if __name__ == "__main__":
    main()
