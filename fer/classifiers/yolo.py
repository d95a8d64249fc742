"""YOLO models whose classes are emotions, from a checkpoint (.pt) or exported to ONNX: classifiers and detectors.

A checkpoint is a pickle. It is looked through for foreign code, and loaded with PyTorch's weights-only rule, in a
process of its own; with trust it is unpickled as it is.
"""

import ast
from collections.abc import Callable
from typing import Any, NamedTuple

import cv2
import numpy as np

from fer.classifiers.contract import Classifier, ClassifierDescription, Faces
from fer.classifiers.messages import first_line
from fer.classifiers.outputs import PROBABILITIES, EmotionMap, emotion_map, probabilities_of
from fer.classifiers.preparation import SCALINGS, Changes, Preparation, check_faces
from fer.classifiers.prepared import described, refuse_other_meaning
from fer.classifiers.request import Request
from fer.classifiers.yolo_boxes import fits, scores_of
from fer.detectors.pickled_calls import foreign_calls
from fer.detectors.yolo_boxes import letterbox
from fer.errors import InputError
from fer.identity import file_digest

CLASSIFY, DETECT = TASKS = ("classify", "detect")
_BATCH = 16


class YoloNetwork(NamedTuple):
    """A network, and what its file says: class names, task, side of its square input (None: nothing).

    ``run`` maps float32 ``(b, 3, side, side)`` RGB in 0..1 to its first output ``(b, ...)``.
    """

    run: Callable[[np.ndarray], np.ndarray]
    names: tuple[str, ...]
    task: str | None
    side: int | None


def open(request: Request) -> Classifier:
    """Return the classifier.

    Raises InputError for a checkpoint that would run code and is not trusted, for one of another task, and if
    ultralytics is not installed.
    """
    if request.file.suffix.lower() == ".onnx":  # By its kind, as its metadata do not say that it is one.
        from fer.classifiers.onnx_session import session_of

        request.check_digest()
        return open_session(session_of(request.file, request), request, file_digest(request.file))
    request.check_digest()
    foreign = [] if request.trust else foreign_calls(request.file)
    if foreign:
        raise InputError(
            f"{request.what} is a pickle that would run code of its own ({foreign[0]}) when it is opened, so it is "
            "not; if you trust who made it, say trust=true, or get it as ONNX."
        )
    from fer.classifiers.yolo_process import CheckpointProcess

    process = CheckpointProcess(request.file.absolute(), request.what, request.trust, request.device.torch_name)
    network = YoloNetwork(process.run, process.names, process.task, process.image_size)
    return YoloClassifier(network, request, file_digest(request.file))


def open_session(session: Any, request: Request, digest: str) -> Classifier:
    """Return the classifier of an ``onnxruntime.InferenceSession``, with the metadata that ultralytics writes."""
    found = session.get_modelmeta().custom_metadata_map
    taken = session.get_inputs()[0]

    def run(pixels: np.ndarray) -> np.ndarray:
        together = len(pixels) if not isinstance(taken.shape[0], int) else taken.shape[0]
        starts = range(0, len(pixels), together)
        given = pixels.astype(np.float16) if taken.type == "tensor(float16)" else pixels
        try:
            blocks = [session.run(None, {taken.name: given[at : at + together]})[0] for at in starts]
        except Exception as error:  # Its errors have no common class but this.
            raise InputError(
                f"{request.what} cannot be run on pixels of shape {pixels.shape} ({first_line(error)}); correct "
                f"input_size in {request.where}."
            ) from None
        return np.concatenate(blocks)

    side = taken.shape[-1] if len(taken.shape) == 4 and isinstance(taken.shape[-1], int) else None
    return YoloClassifier(
        YoloNetwork(run, _names(found.get("names", ""), request), found.get("task"), side), request, digest
    )


def _names(text: str, request: Request) -> tuple[str, ...]:
    if not text:
        return ()
    try:
        names = ast.literal_eval(text)
        return tuple(" ".join(str(names[place]).split()) for place in range(len(names)))
    except (ValueError, SyntaxError, LookupError, TypeError, MemoryError, RecursionError):
        raise InputError(f"{request.what} has class names that cannot be read; export it again.") from None


class YoloClassifier:
    """See :class:`fer.classifiers.contract.Classifier`.

    A classifier's probabilities are its own. Of a detector's boxes those on the face count, and the scores of their
    classes are divided by their sum, see :func:`fer.classifiers.yolo_boxes.scores_of`.
    """

    def __init__(self, network: YoloNetwork, request: Request, digest: str) -> None:
        self._run, self._request = network.run, request
        self._task = self._task_of(network)
        self._side = self._side_of(network)
        self._emotions = self._emotions_of(network)
        self._seen = self._missed = 0
        self._preparation = Preparation((self._side, self._side), "rgb", SCALINGS["unit"])
        self._changes = Changes(self._preparation)
        output = PROBABILITIES if self._task == CLASSIFY else "boxes"
        self.description: ClassifierDescription = described(
            request, "yolo", digest, self._emotions, self._preparation, output
        )
        self._check()

    def probabilities(self, faces: Faces) -> np.ndarray:
        """Return float32 ``(n, k)``, see :class:`fer.classifiers.contract.Classifier`."""
        faces = check_faces(faces)
        self._changes.note(faces)
        blocks = [self._block(faces[start : start + _BATCH]) for start in range(0, len(faces), _BATCH)]
        return np.concatenate(blocks) if blocks else np.empty((0, len(self._emotions.emotions)), np.float32)

    def remarks(self) -> list[str]:
        """Return how faces were changed, and on how many of them a detector reported no box."""
        said = self._changes.sentences()
        if self._missed:
            said.append(
                f"The model, a detector, reported no box with a score of {self._request.said.confidence:g} or more on "
                f"{self._missed:,} of the {self._seen:,} faces that it saw: its best scores below count for these."
            )
        return said

    def _block(self, faces: Faces) -> np.ndarray:
        pixels = np.concatenate([self._pixels(face) for face in faces])
        outputs = self._run(pixels)
        what = self._request.what
        if self._task == CLASSIFY:
            self._refuse_shape(outputs.shape == (len(pixels), len(self._emotions.labels)), outputs.shape)
            shares = probabilities_of(outputs, PROBABILITIES, False, what, self._request.where)
        else:
            self._refuse_shape(fits(outputs.shape, len(self._emotions.labels)), outputs.shape)
            shares = np.stack([self._shares(output) for output in outputs])
        return self._emotions.gather(shares, what)

    def _shares(self, output: np.ndarray) -> np.ndarray:
        count = len(self._emotions.labels)
        scores = scores_of(output, count, self._side, self._request.said.confidence)
        self._seen += 1
        self._missed += not scores.found
        total = scores.values.sum()
        return scores.values / total if total else np.full(count, 1 / count)

    def _pixels(self, face: np.ndarray) -> np.ndarray:
        """Return float32 ``(1, 3, side, side)`` as ultralytics prepares it: fitted into a square, or cut to one."""
        face = np.repeat(face, 3, axis=2) if face.shape[2] == 1 else face
        if self._task == DETECT:
            return letterbox(face, self._side, square=True)[0]
        height, width = face.shape[:2]
        scale = self._side / min(height, width)
        high, wide = (max(self._side, int(length * scale)) for length in (height, width))
        way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        fitted = face if (high, wide) == (height, width) else cv2.resize(face, (wide, high), interpolation=way)
        top, left = round((high - self._side) / 2), round((wide - self._side) / 2)
        cut = fitted[top : top + self._side, left : left + self._side]
        return SCALINGS["unit"].apply(np.ascontiguousarray(cut.transpose(2, 0, 1)[np.newaxis]))

    def _task_of(self, network: YoloNetwork) -> str:
        said, known = self._request.said.task, network.task
        task = known or said
        if task is None:
            raise self._request.needed("task", "does not say what kind of YOLO model it is", DETECT)
        if task not in TASKS or (said is not None and said != task):
            raise InputError(
                f"{self._request.what} is a YOLO model to {task}, not to {said or ' or '.join(TASKS)}; it cannot be "
                "used so."
            )
        return task

    def _side_of(self, network: YoloNetwork) -> int:
        said = self._request.said.input_size
        side = network.side if said is None else said[0]
        if side is None:
            raise self._request.needed("input_size", "does not say which size of pictures it takes", "640")
        if said is not None and said[0] != said[1]:
            raise InputError(
                f"{self._request.where} says input_size: {list(said)}; YOLO takes squares: give one number."
            )
        return side

    def _emotions_of(self, network: YoloNetwork) -> EmotionMap:
        said = self._request.said
        labels = said.labels or network.names
        if not labels:
            raise self._request.needed("labels", "does not name its classes", "[angry, disgust, ...]")
        if network.names and len(labels) != len(network.names):
            raise InputError(
                f"{self._request.what} has {len(network.names)} classes ({', '.join(network.names)}), but "
                f"{self._request.where} names {len(labels)} labels; name one per class, in their order."
            )
        if said.labels and network.names:
            refuse_other_meaning(said.labels, network.names, self._request)
        return emotion_map(labels, said.words, self._request.what)

    def _check(self) -> None:
        """Ask for two faces, so that an answer of another shape is refused now."""
        trial = np.random.default_rng(0).integers(0, 256, (2, self._side, self._side, 3), dtype=np.uint8)
        self.probabilities(trial)
        self._seen = self._missed = 0

    def _refuse_shape(self, right: bool, shape: tuple[int, ...]) -> None:
        if not right:
            raise InputError(
                f"{self._request.what} returns {shape}, which is no answer of a YOLO model that can {self._task} its "
                f"{len(self._emotions.labels)} classes; correct labels and task in {self._request.where}."
            )
