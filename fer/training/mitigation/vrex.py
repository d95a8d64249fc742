"""V-REx: groups should have equal losses (Krueger et al. 2021, Out-of-distribution generalization via REx).

With the mean loss L_g of each group in a batch, a step minimises

    mean_g L_g + lambda_t Var_g L_g

where lambda_t is 1 for the first ``anneal_share`` of the steps, then ``lambda``. DomainBed has the same rule, lambda =
10 (range 0.1 to 100,000) and 500 of 5,000 steps (range 1 to 10,000). There the sudden change of the gradients' size is
met by a new optimizer; here, as in the code of the paper's authors, by dividing the whole by lambda_t where it is above
1. Batches are drawn group-balanced, as in DomainBed.
"""

from typing import Any

from keras import ops

from fer.training.mitigation.contract import Settings, TrainingFaces, Treatment
from fer.training.mitigation.objective import Objective, group_means


class VREx(Objective):
    """Mean and variance of the groups' losses; the state is the number of steps done."""

    by_group = True

    def __init__(self, penalty: float, anneal_steps: int):
        super().__init__()
        self._penalty, self._anneal_steps = penalty, anneal_steps
        self.steps_done = self.add_weight(shape=(), initializer="zeros", trainable=False, name="steps_done")

    def of(self, losses: Any, weights: Any) -> Any:
        """Return the objective of a batch and count the step."""
        means, there = group_means(losses, weights)
        count = ops.maximum(ops.sum(there), 1.0)
        mean = ops.sum(means * there) / count
        variance = ops.sum(ops.square(means - mean) * there) / count
        penalty = ops.where(self.steps_done.value >= self._anneal_steps, self._penalty, 1.0)
        self.steps_done.assign(self.steps_done.value + 1)
        return (mean + penalty * variance) / ops.maximum(penalty, 1.0)


def treatment(faces: TrainingFaces, settings: Settings) -> Treatment:
    """Return the treatment."""
    objective = VREx(settings["lambda"], round(settings["anneal_share"] * faces.steps))
    return Treatment(balance_by=faces.groups, objective=objective)
