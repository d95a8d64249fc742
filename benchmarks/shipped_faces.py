"""The faces that the shipped model is taught and judged by, and the entry points that its scripts run."""

from pathlib import Path

from benchmarks.public_models import entry_point

NAME = "shipped"


def ferplus(data: Path, folder: Path) -> Path:
    """Return the dataset of FER2013's faces with the votes of FER+, made where it is missing."""
    place = folder / "ferplus"
    if not place.is_dir():
        votes = f"{{votes: {data / 'ferplus' / 'kaggle_to_ferplus.csv'}, undecided: train}}"
        run_entry_point(
            "preprocess", folder, source="ferplus", raw=str(data / "fer2013"), options=votes,
            emotions="all,contempt", output=str(place),
        )  # fmt: skip
    return place


def run_entry_point(entry: str, folder: Path, **parameters: str) -> None:
    """Run an entry point on the store in a folder; ends with its sentence if it fails."""
    options = {key.replace("_", "-"): value for key, value in parameters.items()}
    if entry_point(entry, NAME, folder, options):
        raise SystemExit(f"{entry} failed; its sentence is above.")
