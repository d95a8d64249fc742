"""FaceDataset and its operations: samples, labels, splits, mixtures, balancing."""
