"""Docstrings name other objects by Sphinx's roles, which editors understand: on the site they are links where they can.

``:func:`fer.data.dataset.load_dataset``` becomes a link if a page has that name, else code.
"""

import re
from typing import Any

import griffe

_ROLE = re.compile(r":(?:func|class|mod|meth|data|attr):`~?([\w.]+)`")


class Roles(griffe.Extension):
    """Turn roles into optional cross-references."""

    def on_instance(self, *, obj: griffe.Object, **kwargs: Any) -> None:
        """Rewrite the docstring of an object that was read."""
        if obj.docstring is not None:
            obj.docstring.value = _ROLE.sub(
                r'<autoref optional identifier="\1"><code>\1</code></autoref>', obj.docstring.value
            )
