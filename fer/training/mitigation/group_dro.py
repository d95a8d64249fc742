"""Group DRO: the worst group counts most (Sagawa et al. 2020, Distributionally robust neural networks, Algorithm 1).

With the mean loss L_g of each group in a batch, the group weights q (1 / groups at first) are updated in every step,
and the step minimises their weighted sum:

    q_g <- q_g exp(eta L_g) / sum_h q_h exp(eta L_h),    objective = sum_g q_g L_g

DomainBed and SubpopBench have the same rule, eta = 0.01 and the range 0.001 to 0.1. As in Algorithm 1, which draws the
group of a step uniformly, and in DomainBed, batches are drawn group-balanced. A group that is not in a batch keeps its
q before normalisation and adds nothing to the objective, as in SubpopBench.
"""

from typing import Any

from keras import ops

from fer.training.mitigation.contract import Settings, TrainingFaces, Treatment
from fer.training.mitigation.objective import Objective, group_means


class GroupDRO(Objective):
    """The weighted sum of the groups' losses; the state is the weight of each group, float32 (groups,), sum 1."""

    by_group = True

    def __init__(self, groups: int, eta: float):
        super().__init__()
        self._eta = eta
        self.group_weights = self.add_weight(
            shape=(groups,), initializer=lambda shape, dtype: ops.full(shape, 1 / groups, dtype), trainable=False,
            name="group_weights",
        )  # fmt: skip

    def of(self, losses: Any, weights: Any) -> Any:
        """Return the objective of a batch and update the group weights."""
        means, there = group_means(losses, weights)
        raised = self.group_weights.value * ops.exp(self._eta * ops.stop_gradient(means) * there)
        share = raised / ops.sum(raised)
        self.group_weights.assign(share)
        return ops.sum(share * means * there)


def treatment(faces: TrainingFaces, settings: Settings) -> Treatment:
    """Return the treatment."""
    return Treatment(balance_by=faces.groups, objective=GroupDRO(len(faces.names), settings["eta"]))
