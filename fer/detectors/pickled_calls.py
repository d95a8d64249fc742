"""What a pickle would import and call if it were opened, found without opening it."""

import pickletools
import zipfile
from collections.abc import Iterator
from pathlib import Path

# Packages whose own rules decide (PyTorch's weights-only loading), and what is harmless of the standard library.
_PACKAGES = ("torch", "torchvision", "ultralytics", "numpy")
# Checkpoints of YOLO11 name getattr, which ultralytics' weights-only loading restricts to layers.
_BUILTINS = {
    "getattr",
    "bool", "bytearray", "bytes", "complex", "dict", "float", "frozenset", "int", "list", "object", "range", "set",
    "slice", "str", "tuple",
}  # fmt: skip
_HARMLESS = {
    "collections": {"OrderedDict", "defaultdict", "deque"},
    "pathlib._local": {"PosixPath", "WindowsPath"},
    "pathlib": {"Path", "PosixPath", "WindowsPath", "PurePath", "PurePosixPath", "PureWindowsPath"},
    "datetime": {"date", "datetime", "timedelta", "timezone"},
    "_codecs": {"encode"},
    "copyreg": {"_reconstructor"},
    "copy_reg": {"_reconstructor"},
    "builtins": _BUILTINS,
    "__builtin__": _BUILTINS,
}
_ZIPPED = "data.pkl"
# A name that is not written where it is used: nothing harmless is pickled so.
_UNKNOWN = "?"


def foreign_calls(path: Path) -> list[str]:
    """Return the names that a checkpoint would import from outside PyTorch, ultralytics and NumPy: ``os.system``.

    The file is a zip of PyTorch's or a plain pickle; it is read but not opened. Without such names, PyTorch's
    weights-only loading decides further. A damaged file has none: its loader refuses it.
    """
    found = dict.fromkeys(name for content in _pickles(path) for name in _imports(content))
    return [f"{module}.{name}" for module, name in found if not _allowed(module, name)]


def _allowed(module: str, name: str) -> bool:
    return module.partition(".")[0] in _PACKAGES or name in _HARMLESS.get(module, ())


def _pickles(path: Path) -> Iterator[bytes]:
    if not zipfile.is_zipfile(path):
        yield path.read_bytes()
        return
    with zipfile.ZipFile(path) as archive:
        for member in archive.namelist():
            if member.rpartition("/")[2] == _ZIPPED:
                yield archive.read(member)


def _imports(content: bytes) -> Iterator[tuple[str, str]]:
    """Return (module, name) of each global that a stream of pickles names, until it cannot be read further."""
    place = 0
    while place < len(content):
        pushed: list[str] = [_UNKNOWN, _UNKNOWN]  # What is last on the stack, as far as it is text.
        memo: dict[int, str] = {}
        end = 0
        try:
            for code, argument, position in pickletools.genops(content[place:]):
                end = position or 0
                if code.name in ("GLOBAL", "INST"):
                    module, _, name = str(argument).partition(" ")
                    yield module, name
                elif code.name == "STACK_GLOBAL":
                    yield pushed[-2], pushed[-1]
                elif code.name.startswith("EXT"):
                    yield "copyreg", f"extension {argument}"
                if code.name == "MEMOIZE":
                    memo[len(memo)] = pushed[-1]
                elif code.name.endswith("PUT"):
                    memo[_number(argument)] = pushed[-1]
                elif code.name.endswith("GET"):
                    pushed.append(memo.get(_number(argument), _UNKNOWN))
                elif code.name != "PROTO" and code.name != "FRAME":
                    pushed.append(argument if isinstance(argument, str) else _UNKNOWN)
        except (ValueError, OverflowError):  # Not a pickle, or damaged.
            return
        place += end + 1


def _number(argument: object) -> int:
    return argument if isinstance(argument, int) else -1
