"""What is shown when something goes wrong that nobody foresaw: a sentence; the traceback is in the terminal."""

import logging

from fer.redaction import redacted

_LOG = logging.getLogger(__name__)


def show_fault(error: Exception) -> bool:
    """Show the sentence instead of Streamlit's box, and write what happened to standard error."""
    from fer.app.pages import session

    _LOG.error("the app: %s", redacted(str(error)), exc_info=error)
    session.warn(session.texts()("fault.unexpected"))
    return True
