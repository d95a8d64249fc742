"""Whether models are compiled by XLA: the same for fits and trunk passes, as results would differ in the last bits."""

import keras

# TensorFlow runs a traced graph, and compiling it by XLA takes long on a CPU without a gain; JAX runs each operation
# separately unless XLA compiles the step.
JIT_COMPILE: bool | str = False if keras.backend.backend() == "tensorflow" else "auto"
