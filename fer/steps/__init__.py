"""The steps of the main job, each done and logged inside an open run; entry points and studies call them.

The top room of the library: it knows datasets, training, evaluation and the tracking server; none of them
knows it.
"""
