"""Targets of balancing: the number of training faces per emotion, parsed from a string."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from fer.data.emotions import ALL_EMOTIONS, canonical_emotion
from fer.errors import InputError, shown
from fer.text.numbers import whole
from fer.text.yaml_text import NotYamlError, read_yaml

EQUAL = "equal"
_TOTAL = "total="
_REMEDY = "give equal, a number per class (8240), a total (total=57677) or a mapping ({disgust: 4000})"


@dataclass(frozen=True)
class ClassTarget:
    """A parsed target; at most one of the three attributes is set, none of them means ``equal``.

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
        """Return the target number of faces of each emotion in ``present`` (faces by emotion, each at least 1).

        ``equal`` is the size of the largest class, or of the smallest if ``smallest``. The remainder of a total
        goes to the largest classes, so that the fewest faces are made: 57,677 of seven is 8,239 each
        and one more for four. Raises InputError for a total below one face per class, and for a named emotion
        that is not present.
        """
        if self.classes:
            return {**present, **self._named(present)}
        if self.total is None:
            level = self.each or (min if smallest else max)(present.values())
            return dict.fromkeys(present, level)
        share, over = divmod(self.total, len(present))
        if not share:
            raise InputError(
                f"target total={self.total} is less than a face for each of {len(present)} emotions; ask for more."
            )
        largest = sorted(present, key=lambda emotion: (-present[emotion], ALL_EMOTIONS.index(emotion)))
        return {emotion: share + (largest.index(emotion) < over) for emotion in present}

    def _named(self, present: Mapping[str, int]) -> Mapping[str, int]:
        for emotion in self.classes:
            if emotion not in present:
                raise InputError(
                    f"target names {emotion}, of which the training split has no face; it has: {', '.join(present)}."
                )
        return self.classes


def parse_target(text: str) -> ClassTarget:
    """Read ``equal``, ``8240``, ``total=57677`` or a YAML mapping ``{disgust: 4000}``; InputError for anything else."""
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
        content = read_yaml(asked, f"target {shown(asked)}")
    except NotYamlError:
        content = None
    if not content or not isinstance(content, dict):
        raise InputError(f"target {shown(asked)} is not a YAML mapping of emotions to numbers; {_REMEDY}.")
    classes = {canonical_emotion(word): _faces(wanted, asked) for word, wanted in content.items()}
    if len(classes) < len(content):
        raise InputError(f"target {shown(asked)} names an emotion twice; give each one number.")
    return classes


def _faces(number: object, asked: str) -> int:
    try:
        faces = whole(str(number))
    except ValueError:
        raise InputError(f"target {shown(asked)} is not understood; {_REMEDY}.") from None
    if faces < 1:
        raise InputError(f"target {shown(asked)} leaves less than one face per class; {_REMEDY}.")
    return faces
