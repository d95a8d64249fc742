"""The only package of the library that uses MLflow: runs, names, datasets and models on the tracking server.

:mod:`fer.tracking.names` does not import MLflow; the other modules do.
"""
