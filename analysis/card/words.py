"""Text common to all cards: uses, ethics, caveats; law and psychology with their sources."""

from fer.text.limits import FORBIDDEN, MEANING, NOT_FOR, TO_BE_TOLD

INTENDED = (
    "Intended for research: to measure how well, and how evenly over groups of people, facial expressions are "
    "recognised in photographs, and to compare training data and methods.",
)
NOT_INTENDED = (f"{NOT_FOR} {FORBIDDEN} {TO_BE_TOLD}",)
DRAWN = (
    "All faces, of training and of evaluation, are drawn, and so are their groups, labels and votes: what was measured "
    "says nothing about people.",
)
ETHICS = (
    MEANING,
    "The labels are what was seen in a face, or meant to be shown, not what the person felt: the one does not follow "
    "reliably from the other (Barrett et al. 2019, Emotional Expressions Reconsidered).",
    "Race, gender and age are as the datasets record them, which need not be how the persons themselves would state "
    "them.",
    "For what a model may be used that was trained on faces of persons also depends on the licences of the datasets, "
    "many of which allow research alone.",
)
CAVEATS = (
    "Metrics hold for the faces that were tested. Intervals are computed over clusters, which each table names: frames "
    "of one clip are near copies, and persons who share a clip share light and camera. A group of one cluster has no "
    "interval.",
    "Equal accuracy over the tested groups says nothing about other groups.",
    "Before using the model on other faces, evaluate it on faces from that use, by the groups of people concerned.",
)
