"""From runs on a tracking server to the accuracy-against-fairness tables, figures and report.

Three layers: fetch (:func:`analysis.load_runs`, :func:`analysis.load_predictions`, :func:`analysis.gather`), pure
functions of frames (:mod:`analysis.tables`), and render (:func:`analysis.render_table`, :mod:`analysis.figures`,
:mod:`analysis.report`).

Importing ``analysis`` loads none of its layers: a name is loaded where it is first used, as ``__init__.pyi`` lists it.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
