"""Fetch: runs, predictions and datasets from the tracking server; what is kept of them."""
