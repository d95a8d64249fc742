"""FaceDataset and what is done to it: samples, labels, splits, mixtures, balance."""
