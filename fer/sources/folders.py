"""Datasets whose paths contain all metadata: CK+, JAFFE, and any tree of emotion folders.

CK+ (Lucey et al. 2010), the 48x48 release: 981 peak frames of 118 persons of 18 to 50 years, seven emotions
with contempt and without neutral. ``S005_001`` is a person's recording, so it is kept as the clip.
JAFFE (Lyons et al. 1998): 213 images of ten Japanese women; the two letters before the first dot are the person.
"""

import re

from fer.sources.layouts import WORD_FOLDERS, Layout

CKPLUS = Layout(
    name="ckplus",
    pattern=re.compile(r"(?P<word>[^/]+)/(?P<clip>(?P<person>S\d+)_\d+)_(?P<frame>\d+)\.\w+"),
    example="anger/S010_004_00000017.png",
    words={"contempt": "drop"},
    columns={"age_group": "adults"},
    splits="person",
)

JAFFE = Layout(
    name="jaffe",
    pattern=re.compile(r"(?P<person>[A-Z]{2})\.(?P<word>[A-Z]{2})\d*\.\d+\.\w+"),
    example="KA.AN1.39.tiff",
    words={
        "an": "angry",
        "di": "disgust",
        "fe": "fear",
        "ha": "happy",
        "ne": "neutral",
        "sa": "sad",
        "su": "surprise",
    },
    columns={"gender": "female"},
    splits="person",
)

TREE = Layout(name="tree", pattern=re.compile(WORD_FOLDERS), example="train/angry/face.png")
