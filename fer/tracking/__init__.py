"""The only room of the library that knows MLflow: runs, names, datasets and models on the tracking server.

:mod:`fer.tracking.names` needs no MLflow; the other modules load it.
"""
