"""Credentials in addresses, taken out of whatever is shown, logged or kept."""

import re
from collections.abc import Mapping
from typing import Any

_HIDDEN = "***"
# One slash where a path was made of the address. Up to the last @ without a blank between: it may hold any sign.
_PASSWORD = re.compile(r"(:/{1,2}[^\s:/@?#'\"]*):[^\s'\"<>]*@")
_TOKEN = re.compile(r"(https?:/{1,2})[^\s:/@?#'\"]+@")
_VALUE = re.compile(
    r"(?i)((?:^|[?&;#\s])[\w.-]*(?:key|token|secret|passw(?:or)?d|pwd|signature|sig|credentials?|auth|sas)=)[^\s&;#'\"<>]+"
)


def redacted(text: str) -> str:
    """Return ``text`` without the passwords, tokens and keys of the addresses in it.

    Example:
        >>> redacted("cannot open postgresql://ann:pass@host/db or https://host/face.onnx?api_key=123&part=2.")
        'cannot open postgresql://ann:***@host/db or https://host/face.onnx?api_key=***&part=2.'
        >>> redacted("https://token@host/x, sqlite:////data/a@b.db, models:/emotions@best")
        'https://***@host/x, sqlite:////data/a@b.db, models:/emotions@best'

    """
    if ":/" not in text and "=" not in text:
        return text
    text = _PASSWORD.sub(rf"\1:{_HIDDEN}@", text)
    return _VALUE.sub(rf"\1{_HIDDEN}", _TOKEN.sub(rf"\1{_HIDDEN}@", text))


def redacted_within(value: Any) -> Any:
    """Return mappings, lists and text as they are, but for the credentials of the addresses in them."""
    if isinstance(value, str):
        return redacted(value)
    if isinstance(value, Mapping):
        return {name: redacted_within(part) for name, part in value.items()}
    return [redacted_within(part) for part in value] if isinstance(value, (list, tuple)) else value


def has_secret(text: str) -> bool:
    """Return whether ``text`` holds credentials that :func:`redacted` takes out."""
    return redacted(text) != text
