"""Pages of the site that are kept elsewhere: CONTRIBUTING.md and CHANGELOG.md beside the README, and the notebook.

The notebook is turned into Markdown here, as mkdocs-jupyter would do it with a script from a CDN and its own style.
"""

import base64
import json
import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parents[2]
BESIDE_THE_README = ("CONTRIBUTING.md", "CHANGELOG.md")
NOTEBOOK = "analysis.ipynb"


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages to those that MkDocs found."""
    for name in BESIDE_THE_README:
        text = (
            (ROOT / name)
            .read_text()
            .replace("](docs/", "](")
            .replace("](README.md", "](index.md")
            .replace("](CHANGELOG.md", "](changelog.md")
        )
        files.append(File.generated(config, name.lower(), content=text))
    page, images = _notebook(json.loads((ROOT / "docs" / NOTEBOOK).read_text()), NOTEBOOK.removesuffix(".ipynb"))
    files.append(File.generated(config, NOTEBOOK.replace(".ipynb", ".md"), content=page))
    for name, content in images.items():
        files.append(File.generated(config, name, content=content))
    return files


def _notebook(notebook: dict, stem: str) -> tuple[str, dict[str, bytes]]:
    """Return a notebook as Markdown, and its pictures by name."""
    parts: list[str] = []
    images: dict[str, bytes] = {}
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        parts.append(f"```python\n{source}\n```" if cell["cell_type"] == "code" else source)
        for output in cell.get("outputs", []):
            data = {kind: "".join(lines) for kind, lines in output.get("data", {}).items()}
            if "image/png" in data:
                name = f"{stem}_{len(images) + 1}.png"
                images[name] = base64.b64decode(data["image/png"])
                parts.append(f"![Output of the cell above]({name})")
            elif "text/markdown" in data:
                parts.append(re.sub(r"^#", "###", data["text/markdown"], flags=re.MULTILINE))
            elif "text/html" in data:
                table = re.search(r"<table.*</table>", data["text/html"], re.DOTALL)
                parts.append(f'<div class="frame">\n{table[0] if table else data["text/html"]}\n</div>')
            elif "text/plain" in data or "text" in output:
                parts.append(f"```text\n{data.get('text/plain') or ''.join(output['text'])}\n```")
    return "\n\n".join(parts) + "\n", images
