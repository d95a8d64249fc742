"""What every card says, whatever the model: uses, ethics, caveats; law and psychology with their source."""

INTENDED = (
    "Intended for research: to measure how well, and how evenly over groups of people, facial expressions are "
    "recognised in photographs, and to compare training data and methods.",
)
NOT_INTENDED = (
    "Not intended for decisions about a person: hiring, education, credit, border control, policing, diagnosis. In the "
    "European Union inferring emotions at the workplace and in education is prohibited but for medical and safety "
    "reasons (Regulation (EU) 2024/1689, Article 5(1)(f)).",
)
ETHICS = (
    "The labels are what annotators perceived in a face, not what the person felt: the one does not follow reliably "
    "from the other (Barrett et al. 2019, Emotional Expressions Reconsidered).",
    "Race, gender and age are as others perceived or recorded them, not as the persons would say themselves.",
    "The faces are of persons; the datasets are licensed for research, and so, as long as nothing else is settled, are "
    "models trained on them.",
)
CAVEATS = (
    "A figure holds for the faces that were tested. Frames of one clip are near copies, and persons who share a clip "
    "share light, camera and annotators: intervals are drawn over such blocks, and a group of one block has none.",
    "An even accuracy over the groups tested says nothing of groups that were not.",
    "Before a use on other faces, evaluate the model on faces of that use, by the groups of people who will be in it.",
)
