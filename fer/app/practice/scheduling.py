"""Which face comes next: spaced repetition of pairs of emotions that are confused, as in Leitner's boxes.

Leitner's rule (S. Leitner, "So lernt man lernen", 1972): what was answered right moves up a box and comes back later,
what was answered wrong moves down to the first box and comes back soon. Here a card is a pair of emotions, because what
is learned is to tell two apart: after "sad" for a face that shows fear, fear and sadness come back until they are told
apart. A pair in a higher box is shown with a weaker expression.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

# After how many faces a pair in a box comes back.
DELAYS = (2, 4, 8, 16, 32)
# Strengths of the expression by name, the strongest first, and the one for each box.
STRENGTHS = {"full": 1.0, "clear": 0.75, "slight": 0.55, "faint": 0.4}
_STRENGTH_OF_BOX = ("full", "clear", "slight", "faint", "faint")

Pair = tuple[str, str]


@dataclass(frozen=True)
class Answer:
    """One face and what was answered.

    Attributes:
        shown, answered: emotions. other: the emotion that was to be told apart from the one shown.
        strength: a name of :data:`STRENGTHS`; ``full`` where the face has no other.
        time: when, as ISO 8601 with the offset from UTC.

    """

    shown: str
    answered: str
    other: str
    strength: str
    time: str

    @property
    def right(self) -> bool:
        """Whether the answer was right."""
        return self.shown == self.answered


@dataclass(frozen=True)
class Question:
    """What is shown next: an emotion, the one it is to be told apart from, and how strongly."""

    shown: str
    other: str
    strength: str


@dataclass
class _Card:
    box: int
    due: int
    mistaken: Counter[str] = field(default_factory=Counter)


def next_question(
    answers: Sequence[Answer], emotions: Sequence[str], chance: np.random.Generator, strength: str | None = None
) -> Question:
    """Return the next question, given all answers so far in their order.

    A pair that is due comes first: of the lowest box, the one due longest. Of its two emotions the one that was
    mistaken for the other more often is shown more often. Otherwise an emotion comes, those that were
    shown least most often.

    Args:
        answers: of all sessions.
        emotions: at least two that can be shown.
        chance: decides among equals.
        strength: a name of :data:`STRENGTHS`; None: by the pair's box.

    Example:
        >>> chance = np.random.default_rng(0)
        >>> wrong = Answer("fear", "sad", "happy", "full", "2026-01-01T12:00:00+00:00")
        >>> right = Answer("happy", "happy", "sad", "full", "2026-01-01T12:00:09+00:00")
        >>> question = next_question([wrong, right, right], ["fear", "happy", "sad"], chance)
        >>> sorted([question.shown, question.other])
        ['fear', 'sad']

    """
    # Answers to other emotions, such as those of another dataset, count for nothing here.
    mine = [answer for answer in answers if {answer.shown, answer.answered, answer.other} <= set(emotions)]
    cards = _cards(mine)
    due = [pair for pair, card in cards.items() if card.due <= len(mine)]
    last = mine[-1].shown if mine else None
    if due:
        pair = min(due, key=lambda pair: (cards[pair].box, cards[pair].due, pair))
        weights = np.array([1.0 + cards[pair].mistaken[emotion] for emotion in pair])
        shown = str(chance.choice(pair, p=weights / weights.sum()))
        box = cards[pair].box
    else:
        counts = Counter(answer.shown for answer in mine)
        # Not the same twice in a row, which could be answered without a look; of two, in turn, both could.
        fresh = [emotion for emotion in emotions if emotion != last or len(emotions) == 2]
        often = np.array([counts[emotion] for emotion in fresh])
        weights = 1.0 / (1.0 + often - often.min()) ** 2
        shown = str(chance.choice(fresh, p=weights / weights.sum()))
        pair = _pair(shown, str(chance.choice([emotion for emotion in emotions if emotion != shown])))
        box = cards[pair].box if pair in cards else 0
    other = pair[0] if pair[1] == shown else pair[1]
    return Question(shown, other, strength or _STRENGTH_OF_BOX[box])


def confusions(answers: Sequence[Answer]) -> list[tuple[str, str, int, int]]:
    """Return (shown, answered, how often, of how many faces that showed it), the most frequent confusion first."""
    shown = Counter(answer.shown for answer in answers)
    wrong = Counter((answer.shown, answer.answered) for answer in answers if not answer.right)
    order = sorted(wrong.items(), key=lambda item: (-item[1], item[0]))
    return [(face, said, times, shown[face]) for (face, said), times in order]


def _cards(answers: Sequence[Answer]) -> dict[Pair, _Card]:
    """Return every pair's card after all answers."""
    cards: dict[Pair, _Card] = {}
    for number, answer in enumerate(answers, start=1):
        if answer.right:
            pair = _pair(answer.shown, answer.other)
            box = min(cards[pair].box + 1, len(DELAYS) - 1) if pair in cards else 1
            mistaken = cards[pair].mistaken if pair in cards else Counter()
        else:
            pair, box = _pair(answer.shown, answer.answered), 0
            mistaken = cards[pair].mistaken if pair in cards else Counter()
            mistaken[answer.shown] += 1
        cards[pair] = _Card(box, number + DELAYS[box], mistaken)
    return cards


def _pair(first: str, second: str) -> Pair:
    return (first, second) if first < second else (second, first)
