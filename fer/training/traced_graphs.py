"""What TensorFlow keeps of each training step that it traced."""

import keras


def forget_gradients() -> None:
    """Drop the gradients that TensorFlow registered while it traced training steps.

    Each holds the whole graph of its step for as long as the process lives, 35 MB of the custom CNN, 70 MB of
    ResNet50V2: a study that trains hundreds of models in one process would fill the memory. Only differentiating a
    graph that is traced already would need them.
    """
    if keras.backend.backend() != "tensorflow":
        return
    from tensorflow.python.framework import ops

    registered = ops.gradient_registry._registry
    for name in [name for name in registered if name.startswith("CustomGradient-")]:
        del registered[name]
