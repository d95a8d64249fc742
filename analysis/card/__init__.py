"""Model cards (Mitchell et al. 2019): what a registered model is, what it may be used for, how it does by group."""

from analysis.card.making import model_card

__all__ = ["model_card"]
