"""Whole pictures: found on disk, in a video or at a camera; the faces in them found, classified, followed and shown."""
