"""Fair facial emotion recognition: raw faces to datasets, mixtures, models, predictions and metrics.

Importing ``fer`` loads none of TensorFlow, torch, OpenCV and MLflow: each room imports what it uses.
"""

__version__ = "0.1.0"
