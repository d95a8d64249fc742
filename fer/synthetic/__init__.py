"""Synthetic faces with known properties, for the demo and for checking the statistics."""

from fer.synthetic.options import SyntheticOptions
from fer.synthetic.population import draw_population
from fer.synthetic.predictions import draw_predictions

__all__ = ["SyntheticOptions", "draw_population", "draw_predictions"]
