"""What a run's page, tags and parameters say of the model that was evaluated."""

from dataclasses import replace

from fer.classifiers.contract import Classifier
from fer.evaluation.description import described_after
from fer.record import Record
from fer.tracking import names

# What else is known follows from the network, or is a parameter of the evaluation itself.
_TAGS = ("kind", "digest", "license", "source", "crop_margin")
_PARAMETERS = ("kind", "labels", "input_size", "color", "scaling", "output")


def with_model(found: Record, classifier: Classifier) -> Record:
    """Return the record of an evaluation with what is known of its model.

    Tags identify the model. For one from elsewhere, parameters and a sentence on the page say how it was run; one of
    this project says so on its own run. The classifier's remarks are added to the warnings and to the page.
    """
    what = classifier.description
    facts = what.facts()
    shown = () if what.trained_here else _PARAMETERS
    known = Record(
        tags={f"{names.MODEL_FACT}{name}": facts[name] for name in _TAGS if name in facts},
        parameters={f"{names.RESOLVED}model_{name}": facts[name] for name in shown if name in facts},
        warnings=classifier.remarks(),
    )
    said = [*([] if what.trained_here else [what.sentence()]), *known.warnings]
    return replace(found | known, description=described_after(found.description, said))
