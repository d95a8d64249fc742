"""The assistive app: emotions told live, practice, and what its model is known to get wrong, in a browser.

``entrypoints/app.py`` starts it (:mod:`fer.app.server`). Streamlit is imported by :mod:`fer.app.pages` and
:mod:`fer.app.telling` only: everything else here is plain Python, tested without a browser.
"""
