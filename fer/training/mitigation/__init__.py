"""Mitigation: methods that train a network to serve its worst group better, one module each.

:data:`fer.training.mitigation.registry.METHODS` lists them with what they need and their search spaces;
docs/mitigation.md says which to take when. A trained model is the plain network with every method. Importing this
package does not load Keras.
"""

from fer.training.mitigation.choice import Mitigation, mitigation_of
from fer.training.mitigation.registry import METHODS, Method, Setting

__all__ = ["METHODS", "Method", "Mitigation", "Setting", "mitigation_of"]
