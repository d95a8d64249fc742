"""Fetch: runs, predictions and datasets from the tracking server, and their local cache."""
