"""Text common to all cards: uses, ethics, caveats; law and psychology with their sources."""

INTENDED = (
    "Intended for research: to measure how well, and how evenly over groups of people, facial expressions are "
    "recognised in photographs, and to compare training data and methods.",
)
NOT_INTENDED = (
    "Not intended for decisions about a person: hiring, education, credit, border control, policing, diagnosis. In the "
    "European Union inferring emotions at the workplace and in education is prohibited except for medical and safety "
    "reasons (Regulation (EU) 2024/1689, Article 5(1)(f)).",
)
ETHICS = (
    "The labels are what annotators perceived in a face, not what the person felt: the one does not follow reliably "
    "from the other (Barrett et al. 2019, Emotional Expressions Reconsidered).",
    "Race, gender and age are as others perceived or recorded them, not as the persons themselves would state them.",
    "The faces are of persons; the datasets are licensed for research, and so, unless stated otherwise, are "
    "models trained on them.",
)
CAVEATS = (
    "Metrics hold for the faces that were tested. Frames of one clip are near copies, and persons who share a clip "
    "share light, camera and annotators: intervals are computed over such blocks, and a group of one block has none.",
    "Equal accuracy over the tested groups says nothing about other groups.",
    "Before using the model on other faces, evaluate it on faces from that use, by the groups of people concerned.",
)
