"""What is told, in words: the codes of :mod:`fer.live` become sentences of a language."""

from fer.app.texts import Texts
from fer.live.announcing import Announcement
from fer.live.scenes import Followed, Place, Scene, place_of

# Of a picture with many faces, how many are told one by one; the table has them all.
_MOST_TOLD = 6


def words_of(announcement: Announcement, texts: Texts) -> str:
    """Return what is said of an announcement, such as ``Left: happy``.

    Example:
        >>> from fer.app.texts import texts_of
        >>> words_of(Announcement(0, "left", "happy", 2), texts_of("es"))
        'Izquierda: alegría'
        >>> words_of(Announcement(0, None, None, 1), texts_of("en"))
        'Not sure'

    """
    if announcement.number is None:
        return capitalised(texts("told.nobody"))
    return capitalised(_said(announcement.place, texts.emotion(announcement.emotion), texts))


def capitalised(text: str) -> str:
    """Return a text with a capital first letter, the rest as it is."""
    return text[:1].upper() + text[1:]


def faces_of(scene: Scene | None, texts: Texts) -> list[str]:
    """Return one line per face of a scene, from left to right, such as ``Left: happy, 84%``."""
    faces = () if scene is None else scene.faces
    lines = []
    for face in faces:
        said = texts("told.emotion_at", emotion=texts.emotion(face.emotion), percent=texts.percent(face.probability))
        place = place_of(face.box, scene.size) if scene is not None and len(faces) > 1 else None
        lines.append(capitalised(_said(place, said, texts)))
    return lines


def labels_of(face: Followed, texts: Texts) -> tuple[str, str]:
    """Return a face's emotion and its probability in words."""
    return texts.emotion(face.emotion), texts.percent(face.probability)


def place_word(face: Followed, scene: Scene, texts: Texts) -> str:
    """Return where in the picture a face is, in words."""
    return texts(f"place.{place_of(face.box, scene.size)}")


def picture_words(scene: Scene, texts: Texts) -> str:
    """Return what is said of a single picture: how many faces, and what each seems to show, from left to right."""
    if not scene.faces:
        return texts("files.no_face")
    if len(scene.faces) == 1:
        return capitalised(texts.emotion(scene.faces[0].emotion))
    each = [
        texts("told.placed", place=place_word(face, scene, texts), emotion=texts.emotion(face.emotion))
        for face in scene.faces[:_MOST_TOLD]
    ]
    return f"{texts.count('files.faces', len(scene.faces))} {capitalised('; '.join(each))}."


def _said(place: Place | None, emotion: str, texts: Texts) -> str:
    if place is None:
        return texts("told.one", emotion=emotion)
    return texts("told.placed", place=texts(f"place.{place}"), emotion=emotion)
