"""Raw data to a dataset: the recipe, the pipeline, cropping, every row's outcome."""
