from .announcing import Announcement, Announcer
from .card_facts import CardFacts, MeasuredGroup
from .models import LiveModel, open_live
from .pictures import read_picture
from .reading import LiveReader, Statistics
from .scene_reader import SceneReader, still_scene
from .scenes import Followed, Scene, place_of
from .thresholds import GroupPromise, Threshold
from .videos import UploadedVideo, read_video

__all__ = [
    "Announcement",
    "Announcer",
    "CardFacts",
    "Followed",
    "GroupPromise",
    "LiveModel",
    "LiveReader",
    "MeasuredGroup",
    "Scene",
    "SceneReader",
    "Statistics",
    "Threshold",
    "UploadedVideo",
    "open_live",
    "place_of",
    "read_picture",
    "read_video",
    "still_scene",
]
