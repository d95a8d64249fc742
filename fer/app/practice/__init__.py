"""Practice in reading faces: what is shown next, the faces, what to look at, and the progress."""
