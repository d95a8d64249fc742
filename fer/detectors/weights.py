"""Weights files: shipped, given by the user or downloaded from an address, and checked before they are loaded."""

import hashlib
import re
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, ClassVar, Self
from urllib.parse import unquote, urlsplit

from fer.errors import InputError
from fer.identity import file_digest
from fer.options import Options
from fer.storage.folders import cache_folder, writable

_TIMEOUT = 60  # Seconds without data after which a download fails.
_WITHOUT_FILE = "or use a detector that needs no file (yunet, mtcnn, haar)"


class WeightsOptions(Options):
    """Options of a detector with a weights file.

    weights: a path, or an ``http://``, ``https://`` or ``file://`` address; required unless a file is ``shipped``.
    sha256: the file's SHA-256 in hex; if given, a file with another digest is refused. Required for a pickle
        (``.pt``) from an address.
    """

    detector: ClassVar[str]
    where: ClassVar[str]  # Which file to get and from where, as part of a sentence.
    suffixes: ClassVar[tuple[str, ...]]
    shipped: ClassVar[Path | None] = None  # The file of this package that is used if none is given.

    weights: str = ""
    sha256: str = ""

    @classmethod
    def model_validate(cls, obj: Mapping[str, Any], **settings: Any) -> Self:
        """Check the declaration, then that the file exists, before hours of work and not after."""
        options = super().model_validate(obj, **settings)
        options.check()
        return options

    def check(self) -> None:
        """Raise InputError if no usable file is named; nothing is downloaded or read."""
        named = f"detector {self.detector}"
        if not self.weights and self.shipped is None:
            raise InputError(f"{named} needs a weights file: {self.where}, give it as weights=, {_WITHOUT_FILE}.")
        if self.sha256 and not re.fullmatch(r"[0-9a-fA-F]{64}", self.sha256):
            raise InputError(f"{named}: sha256 {self.sha256!r} is not a SHA-256; give the file's 64 hex digits.")
        if self.suffix not in self.suffixes:
            raise InputError(
                f"{named}: weights {self.weights} end in {self.suffix or 'nothing'}; "
                f"give a file that ends in {' or '.join(self.suffixes)}."
            )
        path = self._local
        if path is not None and not path.is_file():
            raise InputError(f"{named}: there is no file {path}; {self.where}, {_WITHOUT_FILE}.")
        if path is None and self.suffix == ".pt" and not self.sha256:
            raise InputError(
                f"{named}: {self.weights} is a pickle from the network, which must be verified before it is opened; "
                "give the file's sha256= as its publisher states it."
            )

    @property
    def suffix(self) -> str:
        """File name extension in lower case, with its dot."""
        path = self._local
        return (path or Path(unquote(urlsplit(self.weights).path))).suffix.lower()

    @property
    def _local(self) -> Path | None:
        """The path of the file if it is on this machine; None for an address on the network."""
        return local_path(self.weights) if self.weights or self.shipped is None else self.shipped

    def file(self) -> Path:
        """Return the path of the checked file, which is downloaded first if necessary.

        Raises InputError if the file has another digest than ``sha256`` or cannot be downloaded.
        """
        self.check()
        path = self._local or self._fetched()
        if self.sha256:
            digest = file_digest(path)
            if digest != self.sha256.lower():
                raise InputError(
                    f"detector {self.detector}: {path} has SHA-256 {digest}, not {self.sha256.lower()} as asked; "
                    "it is another file or damaged: delete it and get it again, or correct sha256."
                )
        return path

    def _fetched(self) -> Path:
        """Return the path of an address's file, which is downloaded once, completely or not at all."""
        import pooch  # Imported only for downloads.
        import requests

        pooch.get_logger().setLevel("WARNING")  # It would print the digest and code that uses it.
        name = hashlib.sha256(self.weights.encode()).hexdigest()[:16] + self.suffix
        folder = writable(cache_folder() / "weights")
        try:
            with ExitStack() as answers:

                def closed_at_the_end(answer: requests.Response, **_: Any) -> None:
                    answers.callback(answer.close)  # pooch leaves it open if the transfer fails.

                downloader = pooch.HTTPDownloader(
                    chunk_size=1 << 20, timeout=_TIMEOUT, hooks={"response": closed_at_the_end}
                )
                # The digest is checked by file(), which also checks local files.
                return Path(pooch.retrieve(self.weights, None, name, folder, downloader=downloader))
        except (requests.RequestException, OSError) as error:
            answered = getattr(error, "response", None)
            reason = type(error).__name__ if answered is None else f"status {answered.status_code}"
            raise InputError(
                f"detector {self.detector}: cannot fetch {self.weights} ({reason}); download it and give its path."
            ) from None


def local_path(weights: str) -> Path | None:
    """Return the path of a local file; None for an address on the network."""
    parts = urlsplit(weights)
    if parts.scheme in ("http", "https"):
        return None
    return Path(unquote(parts.path)) if parts.scheme == "file" else Path(weights).expanduser()
