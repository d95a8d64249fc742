"""Synthetic faces with a controlled truth: the demo of the project and a check on its statistics."""

from fer.synthetic.options import SyntheticOptions
from fer.synthetic.population import draw_population
from fer.synthetic.predictions import draw_predictions

__all__ = ["SyntheticOptions", "draw_population", "draw_predictions"]
