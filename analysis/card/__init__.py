"""Model cards (Mitchell et al. 2019): what a registered model is, its intended use, its performance by group."""

from analysis.card.making import model_card

__all__ = ["model_card"]
