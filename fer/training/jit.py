"""How a fit, and the pass that fills the trunk cache, compile a model: alike, or they would give other last bits."""

import keras

# TensorFlow runs a traced graph, and on a CPU its XLA compiles long for nothing; JAX runs each operation by itself
# unless XLA compiles the step.
JIT_COMPILE: bool | str = False if keras.backend.backend() == "tensorflow" else "auto"
