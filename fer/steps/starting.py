"""What a training starts from if its parameter ``weights`` names a model that was trained before."""

from typing import TYPE_CHECKING

from fer.identity import file_digest
from fer.record import Record
from fer.tracking import names
from fer.tracking.models import load_described, logged_model, network_file
from fer.tracking.training_data import training_run_id
from fer.training.parameters import TrainingParameters, names_trained_model
from fer.training.plan import TrainingPlan, file_digests
from fer.training.protocols import Protocol

if TYPE_CHECKING:
    from fer.models.trained_weights import TrainedModel


def start_of(plan: TrainingPlan, protocol: Protocol) -> "TrainedModel | None":
    """Return the trained model that a plan's ``weights`` name; None if they name none.

    ``protocol`` is the plan's (:meth:`TrainingPlan.resolve`). Raises InputError if there is no such model, if it is not
    one of this project, and if it has another backbone or preparation than the plan.
    """
    if not names_trained_model(plan.weights):
        return None
    from fer.models.trained_weights import TrainedModel  # Keras takes seconds.

    with logged_model(plan.weights) as logged:
        network, emotions = load_described(logged, plan.weights)
        digest = file_digest(network_file(logged.folder, logged.flavors, plan.weights))
    start = TrainedModel(plan.weights, network, emotions, digest, training_run_id(plan.weights))
    start.check(plan.backbone, plan.head, protocol.preparation)
    return start


def digests_of(given: TrainingParameters) -> dict[str, str]:
    """Return the digests of what the parameters name: a trained model or a file of weights, a protocol's file.

    An address such as ``models:/faces@champion`` may name another model tomorrow: its digest, and not its address,
    identifies a training. Raises InputError if there is no such model.
    """
    if not names_trained_model(given.weights):
        return file_digests(given)
    with logged_model(given.weights) as logged:
        digest = file_digest(network_file(logged.folder, logged.flavors, given.weights))
    return {**file_digests(given), "weights": digest}


def start_record(start: "TrainedModel") -> Record:
    """Return the record of what a training starts from: the run that trained it, and its network's digest."""
    return Record(parameters={f"{names.RESOLVED}weights_digest": start.digest}, tags={names.STARTED_FROM: start.run_id})
