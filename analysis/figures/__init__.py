"""Figures over runs, in Okabe and Ito's colours; each draws what a table of :mod:`analysis.tables` holds."""

from analysis.figures.confusion import confusion_difference, matrix_figure
from analysis.figures.dose import dose_figure
from analysis.figures.fractions import accuracy_by_fraction
from analysis.figures.galleries import change_gallery
from analysis.figures.groups import accuracy_by_experiment
from analysis.figures.reliability import reliability_figure
from analysis.figures.seeds import seed_spread
from analysis.figures.trade_off import trade_off_figure

__all__ = [
    "accuracy_by_experiment",
    "accuracy_by_fraction",
    "change_gallery",
    "confusion_difference",
    "dose_figure",
    "matrix_figure",
    "reliability_figure",
    "seed_spread",
    "trade_off_figure",
]
