"""Find the face of every row of a listing: videos decoded once, detection in batches, all cores, resumable."""

from fer.preprocessing.extraction.finder import Finder
from fer.preprocessing.extraction.images import read_images
from fer.preprocessing.extraction.pool import extract, prune, remove, work_folder
from fer.preprocessing.extraction.results import DAMAGE, Extraction

__all__ = ["DAMAGE", "Extraction", "Finder", "extract", "prune", "read_images", "remove", "work_folder"]
