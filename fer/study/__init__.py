"""Study files: schema, reading, the resulting cells and their titles, and the launcher that runs them."""
