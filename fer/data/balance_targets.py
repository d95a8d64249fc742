"""How many training faces each emotion shall have: read from one string, resolved against what there is."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from fer.data.emotions import EMOTIONS, canonical_emotion
from fer.errors import InputError
from fer.yaml_text import NotYamlError, read_yaml

EQUAL = "equal"
_TOTAL = "total="
_REMEDY = "give equal, a number a class (8240), a total (total=57677) or a mapping ({disgust: 4000})"


@dataclass(frozen=True)
class ClassTarget:
    """A target as it was asked for; at most one of the three is set, none means ``equal``.

    Attributes:
        each: faces of every emotion.
        total: faces of all emotions together, shared as equally as whole numbers allow.
        classes: faces by emotion; emotions that it does not name stay as they are.

    """

    each: int | None = None
    total: int | None = None
    classes: Mapping[str, int] = field(default_factory=dict)

    def __str__(self) -> str:
        if self.classes:
            return ", ".join(f"{emotion}={wanted}" for emotion, wanted in self.classes.items())
        return f"{_TOTAL}{self.total}" if self.total else str(self.each or EQUAL)

    def counts(self, present: Mapping[str, int], smallest: bool = False) -> dict[str, int]:
        """Return the faces wanted of each emotion in ``present`` (faces by emotion, each at least 1).

        ``equal`` is as many as the largest class has, or the smallest if ``smallest``. What a total leaves
        over goes to the largest classes, so that the fewest faces are made: 57,677 of seven is 8,239 each
        and one more for four. Raises InputError for a total below one a class, and for a named emotion
        that is not present.
        """
        if self.classes:
            return {**present, **self._named(present)}
        if self.total is None:
            level = self.each or (min if smallest else max)(present.values())
            return dict.fromkeys(present, level)
        share, over = divmod(self.total, len(present))
        if not share:
            raise InputError(f"target total={self.total} is less than a face for each of {len(present)} emotions.")
        largest = sorted(present, key=lambda emotion: (-present[emotion], EMOTIONS.index(emotion)))
        return {emotion: share + (largest.index(emotion) < over) for emotion in present}

    def _named(self, present: Mapping[str, int]) -> Mapping[str, int]:
        for emotion in self.classes:
            if emotion not in present:
                raise InputError(
                    f"target names {emotion}, of which the training split has no face; it has: {', '.join(present)}."
                )
        return self.classes


def parse_target(text: str) -> ClassTarget:
    """Read ``equal``, ``8240``, ``total=57677`` or a YAML mapping ``{disgust: 4000}``; InputError for all else."""
    asked = text.strip()
    if asked == EQUAL:
        return ClassTarget()
    if asked.startswith("{"):
        return ClassTarget(classes=_classes(asked))
    if asked.startswith(_TOTAL):
        return ClassTarget(total=_faces(asked.removeprefix(_TOTAL), asked))
    return ClassTarget(each=_faces(asked, asked))


def _classes(asked: str) -> dict[str, int]:
    try:
        content = read_yaml(asked, f"target {asked!r}")
    except NotYamlError:
        content = None
    if not content or not isinstance(content, dict):
        raise InputError(f"target {asked!r} is no YAML mapping of emotions to numbers; {_REMEDY}.")
    classes = {canonical_emotion(word): _faces(wanted, asked) for word, wanted in content.items()}
    if len(classes) < len(content):
        raise InputError(f"target {asked!r} names an emotion twice; give each one number.")
    return classes


def _faces(number: object, asked: str) -> int:
    try:
        faces = int(str(number))
    except ValueError:
        raise InputError(f"target {asked!r} is not understood; {_REMEDY}.") from None
    if faces < 1:
        raise InputError(f"target {asked!r} leaves less than one face a class; {_REMEDY}.")
    return faces
