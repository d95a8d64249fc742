"""The channel by which a page gets what is told, as soon as there is something: a WebSocket beside Streamlit's own.

Streamlit would run the page's script again for every change of a box, some twenty times a second.
"""

import asyncio
import secrets
import threading
from contextlib import suppress

from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from fer.app.watching import Watch

PATH = "faces"
# Seconds between two looks for something new: less than a frame takes.
_EVERY = 0.02
_UNKNOWN = 4404

_watches: dict[str, Watch] = {}
_lock = threading.Lock()


def open_channel(watch: Watch) -> str:
    """Return the secret name under which the page that has it, and nobody else, gets the messages of a watch."""
    name = secrets.token_urlsafe(24)
    with _lock:
        _watches[name] = watch
    return name


def close_channel(name: str) -> None:
    """End a channel; one that has ended already is passed over."""
    with _lock:
        watch = _watches.pop(name, None)
    if watch is not None:
        watch.end()


async def _serve(socket: WebSocket) -> None:
    """Send a watch's messages until the page or the watch ends; the page sends ``repeat``."""
    with _lock:
        watch = _watches.get(socket.path_params["name"])
    await socket.accept()
    if watch is None:
        await socket.close(_UNKNOWN)
        return
    listening = asyncio.create_task(_listen(socket, watch))
    # The page may go at any moment, also while something is sent to it.
    with suppress(WebSocketDisconnect, RuntimeError, OSError):
        while not watch.ended and not listening.done():
            message = watch.message()
            if message is not None:
                await socket.send_json(message)
            await asyncio.sleep(_EVERY)
        await socket.close()
    listening.cancel()


async def _listen(socket: WebSocket, watch: Watch) -> None:
    with suppress(WebSocketDisconnect, RuntimeError, OSError):
        async for said in socket.iter_text():
            if said == "repeat":
                watch.repeat()


ROUTES = [WebSocketRoute(f"/{PATH}/{{name}}", _serve)]
