"""Start the app's server: Streamlit, quiet, bounded, and on this machine only unless something guards it."""

import importlib
import importlib.util
import socket
from pathlib import Path
from typing import Any

from fer.app.access import is_of_this_machine
from fer.errors import InputError

SCRIPT = Path(__file__).parent / "pages" / "main.py"
# Of an uploaded file, in MB. What of it is read is bounded again by fer.live.
MOST_MEGABYTES = 200

_COLOURS = {
    "primaryColor": "#1f4e9e",
    "backgroundColor": "#ffffff",
    "secondaryBackgroundColor": "#eef2f7",
    "textColor": "#14181f",
    "linkColor": "#1f4e9e",
    "borderColor": "#6b7480",
}
_DARK_COLOURS = {
    "primaryColor": "#9cc2ff",
    "backgroundColor": "#11151b",
    "secondaryBackgroundColor": "#1d242d",
    "textColor": "#f2f5f8",
    "linkColor": "#9cc2ff",
    "borderColor": "#8b95a1",
}


def server_options(address: str, port: int, browser: bool) -> dict[str, Any]:
    """Return Streamlit's options by name. They win over the files and variables by which a user sets Streamlit's own.

    Example:
        >>> server_options("127.0.0.1", 8501, True)["browser.gatherUsageStats"]
        False

    """
    here = is_of_this_machine(address)
    options: dict[str, Any] = {
        "server.address": address,
        "server.port": port,
        "browser.gatherUsageStats": False,
        "server.showEmailPrompt": False,
        "logger.hideWelcomeMessage": True,
        "logger.level": "warning",
        "server.fileWatcherType": "none",
        "server.runOnSave": False,
        "server.enableXsrfProtection": True,
        "server.enableCORS": True,
        "server.enableStaticServing": False,
        "server.enableAgentApi": False,
        # A page of another site whose name is made to point at this machine is refused.
        "server.allowedHosts": ["127.0.0.1", "localhost", "[::1]", "::1", address] if here else [],
        "server.maxUploadSize": MOST_MEGABYTES,
        "server.disconnectedSessionTTL": 30,
        "client.toolbarMode": "minimal",
        "client.showErrorDetails": "none",
        "client.showErrorLinks": "false",
        "client.allowedOrigins": [],
        "runner.magicEnabled": False,
        "global.developmentMode": False,
    }
    options |= {f"theme.light.{name}": colour for name, colour in _COLOURS.items()}
    options |= {f"theme.dark.{name}": colour for name, colour in _DARK_COLOURS.items()}
    if not browser:
        options["server.headless"] = True
    return options


def serve(address: str, port: int, browser: bool) -> None:
    """Serve the app until Ctrl-C or SIGTERM.

    Raises InputError if the address cannot be bound, or if Streamlit is not installed.
    """
    check_free(address, port)
    for package in ("streamlit", "streamlit_webrtc"):
        # The second is not imported here: a component is registered with the server that runs when it is imported.
        if importlib.util.find_spec(package) is None:
            raise InputError(
                f"the app needs {package}, which is not installed; install it by: pip install 'fair-fer[app]'."
            )
    import streamlit

    from fer.app.channel import ROUTES
    from fer.app.pages.faults import show_fault

    _import_ahead()
    app = streamlit.App(SCRIPT, routes=ROUTES, on_script_error=show_fault)
    app.run(config=server_options(address, port, browser))


def _import_ahead() -> None:
    """Import what takes long before the server answers, instead of while the first page is shown."""
    for name in ("aiortc", "onnxruntime", "pandas", "fer.detectors", "fer.live.models", "fer.live.reading"):
        importlib.import_module(name)


def check_free(address: str, port: int) -> None:
    """Raise InputError, naming the port, if the address cannot be bound."""
    if not 1 <= port <= 65535:
        raise InputError(f"port {port} is outside 1..65535; give one such as 8501.")
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind(place)
    except OSError as error:
        raise InputError(
            f"the app cannot be opened at {address}, port {port} ({error.strerror}); give another port or address."
        ) from None
