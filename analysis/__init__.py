"""From runs on a tracking server to the accuracy-against-fairness tables, figures and report.

Three layers: fetch (:func:`load_runs`, :func:`load_predictions`, :func:`gather`), pure functions of frames
(:mod:`analysis.tables`), and render (:func:`render_table`, :mod:`analysis.figures`, :mod:`analysis.report`)::

    runs = load_runs("eila")
    print(render_table(trade_off_table(runs)))

Importing ``analysis`` loads none of its layers: a name is loaded where it is first used, as ``__init__.pyi`` lists it.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
