"""What the pages say of study files, programs and files is so; new words are linked to where they are explained."""

import ast
import json
import re
import textwrap

import pytest
import yaml
from command_checks import check_code
from documented_commands import PAGES, ROOT, blocks
from pydantic import BaseModel

from fer.classifiers.model_file import ModelFile, checked
from fer.errors import InputError
from fer.study.mistakes import models
from fer.study.reading import read_study
from fer.training.protocol_file import read_protocol

DOCS = ROOT / "docs"
STUDY_FILES = DOCS / "study_files.md"
ELSEWHERE = DOCS / "models-from-elsewhere.md"
# The heading above the table of each kind of entry.
HEADINGS = {
    "The file": "a study file",
    "Datasets": "an entry of datasets",
    "Mixtures": "an entry of mixtures",
    "Balance": "balance of an entry of mixtures",
    "Test": "test",
    "Training": "training",
    "Ensembles": "an entry of ensembles",
}


def keys_on_the_page() -> dict[str, dict[str, str]]:
    """Return, for each kind of entry, the default of each key as the page gives it."""
    found = {}
    for heading, body in re.findall(r"^##+ ([^\n]+)\n(.*?)(?=^##|\Z)", STUDY_FILES.read_text(), re.M | re.S):
        rows = re.findall(r"^\| `(\w+)` \| ([^|]+) \|", body, re.M)
        if heading in HEADINGS:
            found[HEADINGS[heading]] = dict(rows)
    return found


def shown_default(field) -> str:
    """Return a default as the page gives it: as it would be written in a study file."""
    if field.is_required():
        return "required"
    default = field.get_default(call_default_factory=True)
    if isinstance(default, BaseModel):
        return "the default of each key"
    if default is None:
        return "none"
    if isinstance(default, tuple):
        return f"`[{', '.join(str(one) for one in default)}]`"
    return f"`{default if isinstance(default, str) else json.dumps(default)}`"


@pytest.mark.parametrize(("where", "model"), list(models()), ids=[where for where, _ in models()])
def test_the_page_has_every_key_of_a_study_file_with_its_default_and_no_other(where, model):
    declared = {key: shown_default(field) for key, field in model.model_fields.items()}
    assert keys_on_the_page()[where] == declared


def test_the_page_shows_what_a_mistake_says(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    given, said = blocks(STUDY_FILES)[-2:]
    content = "name: s\nabout: s\ndatasets: {one: {source: synthetic, title: One}}\nmixtures: [{base: one}]\n"
    (tmp_path / "study.yaml").write_text(given.text + content + "test: {dataset: one}\n")
    with pytest.raises(InputError) as caught:
        read_study((tmp_path / "study.yaml").relative_to(tmp_path))
    assert " ".join(said.text.split()) == f"error: {caught.value}"


def test_protocols_and_studies_on_the_pages_can_be_read(tmp_path):
    read, described = [], []
    for page in PAGES:
        for number, block in enumerate(one for one in blocks(page) if one.language == "yaml"):
            path = tmp_path / f"{page.stem}{number}.yaml"
            path.write_text(block.text)
            content = yaml.safe_load(block.text)
            if "phases" in content:
                read.append(read_protocol(path))
            elif "mixtures" in content:
                read.append(read_study(path))
            elif page == ELSEWHERE:
                described.append(checked(content, str(page)))
            else:
                assert page == STUDY_FILES, f"{page}: a YAML block of a kind that the test does not know"
    assert len(read) == 2 and len(described) == 5


def test_the_page_has_every_key_of_a_models_description_with_its_default_and_no_other():
    rows = dict(re.findall(r"^\| `(\w+)` \| ([^|]+) \|", ELSEWHERE.read_text(), re.M))
    assert rows == {key: shown_default(field) for key, field in ModelFile.model_fields.items()}


PROGRAMS = [(page, block) for page in PAGES for block in blocks(page) if block.language == "python"]


@pytest.mark.parametrize(("page", "block"), PROGRAMS, ids=[f"{page.name}:{block.line}" for page, block in PROGRAMS])
def test_programs_on_the_pages_use_names_that_exist(page, block):
    text = textwrap.dedent(block.text)
    try:
        ast.parse(text)
    except SyntaxError:  # An entry of a registry, without the registry.
        text = f"{{{text}}}"
    if "fer.sources.layouts" in text or "import" in text:
        check_code(text)
    ast.parse(text)


def glossary() -> set[str]:
    return {
        re.sub(r"[^\w]+", "-", word.lower()).strip("-")
        for word in re.findall(r"^### (.+)$", (DOCS / "glossary.md").read_text(), re.M)
    }


def test_links_into_the_glossary_find_their_word():
    links = {
        (page.name, anchor)
        for page in PAGES
        for anchor in re.findall(r"\((?:docs/)?glossary\.md#([\w-]+)\)", page.read_text())
    }
    assert links and {anchor for _, anchor in links} <= glossary()
    assert {"cell", "arm", "cluster", "origin", "experiment", "study", "mixture", "addition", "protocol"} <= glossary()


@pytest.mark.parametrize(
    "name", ["index", "tutorial", "study_files", "models", "report", "audits", "statistics", "server"]
)
def test_pages_that_use_such_words_link_to_the_glossary(name):
    assert "glossary.md" in (DOCS / f"{name}.md").read_text()


def test_the_readme_and_the_site_list_every_page():
    pages = {path.name for path in DOCS.glob("*.md")}
    listed = set(re.findall(r"\]\(docs/([\w.-]+)\)", (ROOT / "README.md").read_text()))
    assert pages - listed == {"index.md"}
    site = (ROOT / "mkdocs.yml").read_text()
    assert [page for page in sorted(pages) if f": {page}" not in site] == []


def test_published_figures_on_the_page_of_the_reproduction_are_those_of_the_files():
    text = (DOCS / "reproduction.md").read_text()
    rows = yaml.safe_load((ROOT / "studies" / "published" / "eila.yaml").read_text())["rows"]
    for row in rows:
        cells = re.search(rf"^\| {re.escape(row['experiment'])} \| ([^|]+) \| [^|]+ \| ([^|]+) \|", text, re.M)
        assert float(cells[1]) == pytest.approx(100 * row["metrics"]["accuracy"])
        assert float(cells[2]) == pytest.approx(row["accuracy_std"])
