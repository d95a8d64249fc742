"""A model as a service (``mlflow models serve``): pictures and faces in, boxes, emotions and probabilities out."""
