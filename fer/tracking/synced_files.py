"""Copy the files of a run or a logged model from one store to another, with the ids in them replaced."""

import re
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository
from mlflow.store.artifact.local_artifact_repo import LocalArtifactRepository

# Ids of runs, and of logged models with their `m-`; all of one kind are of one length.
_ID = re.compile(rb"(?:m-)?[0-9a-f]{32}")
_BINARY = b"\0"
_FIRST = 8192
# MLflow's own pictures by step: a key, a step, then a time and a random name, which a second copy would not share.
_IMAGE = re.compile(r"(?P<key>images/.+\+step\+\d+)\+timestamp\+[^+]+\+[0-9a-f-]+(?P<ending>(\+compressed)?\.\w+)$")


def replaced(text: str, ids: Mapping[str, str]) -> str:
    """Return ``text`` with the ids that ``ids`` maps replaced.

    Example:
        >>> old, new = "0" * 32, "f" * 32
        >>> replaced(f"runs:/{old}/dataset", {old: new}) == f"runs:/{new}/dataset"
        True

    """
    return _replaced(text.encode(errors="surrogatepass"), ids).decode(errors="surrogatepass")


def copy_files(location: str, target: str, server: str, ids: Mapping[str, str]) -> None:
    """Copy all files of an artifact location to another, which the server at the address ``server`` may hold.

    In text files, ids are replaced as ``ids`` says, and the old location by the new one. A file that is there already
    is overwritten.
    """
    source = get_artifact_repository(location)
    if not source.list_artifacts():
        return
    there = get_artifact_repository(target, tracking_uri=server)
    with tempfile.TemporaryDirectory() as fetched, tempfile.TemporaryDirectory() as staged:
        # Without a folder to copy it to, a local repository says where its files lie.
        whole = isinstance(source, LocalArtifactRepository)
        folder = Path(source.download_artifacts("") if whole else source.download_artifacts("", fetched))
        stems = _image_stems(there)
        for file in folder.rglob("*"):
            if file.is_file():
                place = Path(staged) / _placed(str(file.relative_to(folder)), stems)
                place.parent.mkdir(parents=True, exist_ok=True)
                _stage(file, place, ids, {location.encode(): target.encode()})
        there.log_artifacts(staged)


def _stage(file: Path, place: Path, ids: Mapping[str, str], places: Mapping[bytes, bytes]) -> None:
    """Put a file, with what is to be replaced in it, at a place of this machine."""
    with open(file, "rb") as content:
        is_text = _BINARY not in content.read(_FIRST)
    if is_text:
        before = file.read_bytes()
        after = before
        for old, new in places.items():
            after = after.replace(old, new)
        after = _replaced(after, ids)
        if after != before:
            place.write_bytes(after)
            return
    try:
        place.symlink_to(file.resolve())
    except OSError:  # A file system without links.
        shutil.copyfile(file, place)


def _replaced(content: bytes, ids: Mapping[str, str]) -> bytes:
    return _ID.sub(lambda found: ids.get(found[0].decode(), found[0].decode()).encode(), content)


def _image_stems(there: object) -> dict[str, str]:
    """Return by key and step the name, without its ending, of the pictures that are there already."""
    found = {}
    for entry in there.list_artifacts("images"):  # type: ignore[attr-defined]
        known = _IMAGE.match(entry.path)
        if known is not None:
            found[known["key"]] = entry.path.removesuffix(known["ending"])
    return found


def _placed(path: str, stems: Mapping[str, str]) -> str:
    """Return the path at the target: a picture of a key and step that is there takes that one's name."""
    known = _IMAGE.match(path)
    if known is None or known["key"] not in stems:
        return path
    return stems[known["key"]] + known["ending"]
