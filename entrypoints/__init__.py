"""One click command per entry point of MLproject: parse, open the run, call one step, log."""
