"""The trunk cache: the output of a backbone's frozen part (its trunk), computed once per face and kept on disk.

``cut`` finds the tensors between the trunk and the trainable part, ``entry`` and ``store`` keep their values,
``filling`` computes missing ones, ``stages`` gives each phase of a fit its model and data. See docs/trunk_cache.md.
Importing this package does not load Keras.
"""
