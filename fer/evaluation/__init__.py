"""Predictions, and every number, interval, audit and warning that follows from them; knows no tracking server."""
