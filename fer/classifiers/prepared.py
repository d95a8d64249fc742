"""A network with its preparation and its labels: a classifier, checked on three faces when it is opened."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from fer.classifiers.contract import ClassifierDescription, Faces
from fer.classifiers.geometry import CHANNELS_FIRST, FLAT, Geometry, Shape, geometry_of, preparation_of
from fer.classifiers.outputs import LOGITS, EmotionMap, emotion_map, probabilities_of, refuse_probabilities
from fer.classifiers.preparation import Changes, Preparation, check_faces
from fer.classifiers.request import Request
from fer.data.emotions import canonical_emotion
from fer.errors import InputError
from fer.shipped import ADDRESS, MODEL

BATCH = 256


@dataclass(frozen=True)
class Network:
    """A network as its file gives it.

    Attributes:
        run: maps prepared faces ``(b, ...)``, in the geometry of the input, to outputs ``(b, m)``.
        shape: of the input, see :func:`fer.classifiers.geometry.geometry_of`.
        outputs: the number m of outputs; None if the file does not say.
        takes_bytes: whether it takes uint8 pixels as they are; otherwise it takes float32.
        eight_bits: whether its outputs are rounded to eight bits.
        batch: how many faces it takes at once: at most so many, or exactly so many if ``fixed``.
        fixed: see ``batch``.
        labels: its words in the order of its outputs, if its file says them.

    """

    run: Callable[[np.ndarray], np.ndarray]
    shape: Shape | None
    outputs: int | None
    takes_bytes: bool = False
    eight_bits: bool = False
    batch: int = BATCH
    fixed: bool = False
    labels: tuple[str, ...] | None = None


class PreparedClassifier:
    """See :class:`fer.classifiers.contract.Classifier`."""

    def __init__(
        self, network: Network, geometry: Geometry, preparation: Preparation, emotions: EmotionMap, request: Request,
        description: ClassifierDescription,
    ) -> None:  # fmt: skip
        self.description = description
        self._network, self._geometry, self._preparation = network, geometry, preparation
        self._emotions, self._request = emotions, request
        self._changes = Changes(preparation)

    def probabilities(self, faces: Faces) -> np.ndarray:
        """Return float32 ``(n, k)``, see :class:`fer.classifiers.contract.Classifier`."""
        faces = check_faces(faces)
        self._changes.note(faces)
        outputs = self._outputs(faces)
        kind, where = self.description.output, self._request.where
        probabilities = probabilities_of(outputs, kind, self._network.eight_bits, self._request.what, where)
        return self._emotions.gather(probabilities, self._request.what)

    def remarks(self) -> list[str]:
        """Return how faces were changed before this model saw them."""
        return self._changes.sentences()

    def check(self) -> None:
        """Ask for a black, a white and a noisy face; raises InputError for outputs that cannot be the stated ones."""
        height, width = self._preparation.size
        shape = (3, height, width, self._preparation.channels)
        trial = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
        trial[0], trial[1] = 0, 255
        outputs = self._outputs(trial)
        if self.description.output == LOGITS:
            refuse_probabilities(outputs, self._request.what, self._request.where)
        self.probabilities(trial)

    def _outputs(self, faces: np.ndarray | list[np.ndarray]) -> np.ndarray:
        size = self._network.batch
        blocks = [self._block(faces[start : start + size]) for start in range(0, len(faces), size)]
        return np.concatenate(blocks) if blocks else np.empty((0, len(self._emotions.labels)))

    def _block(self, faces: Faces) -> np.ndarray:
        """Return the outputs ``(b, m)`` of at most a batch of faces."""
        fitted = self._preparation.fit(faces)
        pixels = fitted if self._network.takes_bytes else self._preparation.scaling.apply(fitted)
        if self._geometry.layout == CHANNELS_FIRST:
            pixels = np.ascontiguousarray(pixels.transpose(0, 3, 1, 2))
        elif self._geometry.layout == FLAT:
            pixels = pixels.reshape(len(pixels), -1)
        spare = self._network.batch - len(pixels) if self._network.fixed else 0
        if spare:
            pixels = np.concatenate([pixels, np.repeat(pixels[-1:], spare, axis=0)])
        outputs = np.asarray(self._network.run(pixels))
        wanted = (len(pixels), len(self._emotions.labels))
        # Some networks keep the sides of their last feature map, of 1 x 1.
        if outputs.shape[:1] != wanted[:1] or outputs.size != np.prod(wanted):
            raise InputError(
                f"{self._request.what} returns {outputs.shape} for {len(pixels)} faces, not one number for each of its "
                f"{wanted[1]} labels ({', '.join(self._emotions.labels)}); correct labels in {self._request.where}."
            )
        return outputs.reshape(wanted)[: len(fitted)]


def classifier_of(network: Network, request: Request, kind: str, digest: str) -> PreparedClassifier:
    """Return a network as a classifier.

    Raises InputError for what neither the model's file nor its user says, for what the two say differently, and if the
    network's answers to three faces are not what is said of them.
    """
    said = request.said
    geometry = geometry_of(network.shape, request)
    preparation = preparation_of(geometry, network.takes_bytes, request)
    emotions = emotion_map(labels_of(network, request), said.words, request.what)
    description = described(request, kind, digest, emotions, preparation, said.output)
    classifier = PreparedClassifier(network, geometry, preparation, emotions, request, description)
    classifier.check()
    return classifier


def labels_of(network: Network, request: Request) -> tuple[str, ...]:
    """Return a network's labels: those that its user says, else those of its file.

    Raises InputError if nothing says them, if their number is not that of the outputs, and if file and user mean
    different emotions by one output.
    """
    said, known = request.said.labels, network.labels
    labels = said or known
    if labels is None:
        raise request.needed("labels", "does not say which emotion each output is", "[angry, disgust, ...]")
    outputs = network.outputs if known is None else len(known)
    if outputs is not None and outputs != len(labels):
        raise InputError(
            f"{request.what} has {outputs} outputs, but {request.where} names {len(labels)} labels "
            f"({', '.join(labels)}); name one per output, in their order."
        )
    if said and known:
        refuse_other_meaning(said, known, request)
    return labels


def refuse_other_meaning(said: tuple[str, ...], known: tuple[str, ...], request: Request) -> None:
    """Raise InputError if the user's labels and the file's name different emotions at one place."""
    for place, (mine, own) in enumerate(zip(said, known, strict=True)):
        meant = [_emotion(word) for word in (mine, own)]
        if None not in meant and meant[0] != meant[1]:
            raise InputError(
                f"{request.where} calls output {place} (from 0) {mine!r}, but {request.what} itself calls it {own!r}; "
                "leave labels out, or correct them."
            )


def _emotion(word: str) -> str | None:
    try:
        return canonical_emotion(word)
    except InputError:
        return None


def _address(request: Request) -> str:
    if request.path is None:
        return request.address
    return ADDRESS if request.path == MODEL else str(request.path.absolute())


def described(
    request: Request, kind: str, digest: str, emotions: EmotionMap, preparation: Preparation, output: str
) -> ClassifierDescription:
    """Return the description of a classifier from its parts."""
    said = request.said
    return ClassifierDescription(
        kind=kind,
        name=said.name or (request.path.name if request.path is not None else request.address),
        address=_address(request),
        digest=digest,
        emotions=emotions.emotions,
        labels=emotions.labels,
        input_size=preparation.size,
        color=preparation.color,
        scaling=preparation.scaling.name,
        output=output,
        crop_margin=said.crop_margin,
        source=said.source,
        license=said.license,
    )
