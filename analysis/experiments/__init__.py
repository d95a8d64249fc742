"""Runs taken together: by experiment, by seed, in pairs, over several test sets."""
