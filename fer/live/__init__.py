"""Faces of a camera or a video read live: found, followed, classified, and told in codes; the app is built on it.

::

    model = open_live("shipped")
    with LiveReader(model.reader, model.threshold) as live:
        live.offer(frame, time.monotonic())
        scene = live.latest()

Nothing here imports Streamlit, TensorFlow, torch or MLflow by itself; a model of the tracking server is fetched through
:mod:`fer.tracking` and converted in another process. A name is loaded where it is first used, as ``__init__.pyi`` lists
it.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
