"""A study file: its schema, how it is read, the cells that follow from it and their names, what runs them."""
