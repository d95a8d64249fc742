"""The frozen part of a network, computed once a face and kept on disk; training goes on from there. See docs.

``cut`` finds what crosses from the frozen to the trainable part, ``entry`` and ``store`` keep it, ``filling``
computes what is missing, ``stages`` gives each phase of a fit its model and data. Importing this loads no Keras.
"""
