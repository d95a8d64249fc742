"""Fair facial emotion recognition: raw faces to datasets, mixtures, models, predictions and metrics.

Importing ``fer`` does not load TensorFlow, torch, OpenCV or MLflow: each package imports what it uses.
"""

__version__ = "0.1.0"
