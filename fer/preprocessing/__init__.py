"""Preprocessing of raw data to a dataset: recipe, pipeline, cropping, outcome of every row."""
