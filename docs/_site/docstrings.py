"""What docstrings say in another dialect than the site's reader of Google style knows.

They name other objects by Sphinx's roles, which editors understand: ``:func:`fer.data.dataset.load_dataset``` becomes a
link if a page has that name, else code. A section ``Example:`` is the one that the reader calls ``Examples:``.
"""

import re
from typing import Any

import griffe

_ROLE = re.compile(r":(?:func|class|mod|meth|data|attr):`~?([\w.]+)`")


_EXAMPLE = re.compile(r"^Example:$", re.MULTILINE)


class Dialect(griffe.Extension):
    """Rewrite docstrings as they are read."""

    def on_instance(self, *, obj: griffe.Object, **kwargs: Any) -> None:
        """Rewrite the docstring of an object."""
        if obj.docstring is not None:
            linked = _ROLE.sub(r'<autoref optional identifier="\1"><code>\1</code></autoref>', obj.docstring.value)
            obj.docstring.value = _EXAMPLE.sub("Examples:", linked)
