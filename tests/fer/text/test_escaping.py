"""Names with any characters are rendered unchanged."""

import html
import re

import pytest
from markdown_it import MarkdownIt

from fer.text.escaping import latex, markdown

NAMES = (
    "Black|African", "race*gender", "<script>alert(1)</script>", "$0-$20k", "50%+", "a_b", "_x_", "__init__", "*a*",
    "**b**", "[a](http://b.c)", "![i](x.png)", "`code`", "~~gone~~", "&lt;", "&copy;", "a & b", "# head", "- item",
    "1. one", "12) x", "> q", "\\", "\\*", "a\\", "+ b", "[ ] todo", "[x]: http://e.f", "a--b", "= x", "---", "***",
    "<!-- c -->", "p < 0.001", "{a}", "^", "a\nb", "'' ,,", "_a*b_c*", "|", "||", "\\|", "!", "<a@b.c>", "x<y>z", "\\]",
    "a]", "[b", "41.2 [30.1, 52.0]",
)  # fmt: skip
# Where a name may stand: how, and as what it is read.
PLACES = {
    "paragraph": lambda name: markdown(name, begins_line=True),
    "item": lambda name: f"- {markdown(name, begins_line=True)}",
    "heading": lambda name: f"## {markdown(name)}",
    "bold": lambda name: f"**of {markdown(name)}.**",
    "cell": lambda name: f"| x |\n|---|\n| {markdown(name)} |",
    "twice": lambda name: f"of {markdown(name)} and {markdown(name)} it",
}
AROUND = {"bold": "of {}.", "cell": "x {}", "twice": "of {0} and {0} it"}


def read(source):
    """Return the text that a reader of rendered Markdown sees."""
    rendered = MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(source)
    return " ".join(html.unescape(re.sub("<[^>]+>", "", rendered)).split())


@pytest.mark.parametrize("place", PLACES)
def test_markdown_shows_the_name(place):
    for name in NAMES:
        wanted = AROUND.get(place, "{}").format(" ".join(name.split()))
        assert read(PLACES[place](name)) == wanted


def test_the_text_of_a_picture_is_the_name():
    for name in NAMES:
        image = MarkdownIt("commonmark").parse(f"![{markdown(name, in_brackets=True)}](x.png)")[1].children
        assert [token.type for token in image] == ["image"]
        assert "".join(token.content for token in image[0].children) == " ".join(name.split())


def test_what_means_nothing_is_left_as_it_is():
    for plain in ("a_b", "alone & all, both (x=1)", "41.2 ± 1.3 [30.1, 52.0]", "one + 50% two", "$5", "p < 0.001", "*"):
        assert markdown(plain) == plain


def test_latex_holds_no_sign_of_its_own():
    for name in NAMES:
        source = latex(name)
        bare = re.sub(r"\\text[a-z]+\{\}|\\[&%$#_{}]|\{[\[*]\}|\{\}", "", source)
        assert not set(bare) & set("&%$#_{}~^\\|<>`"), name
        assert not re.match(r"[\[*]", source) and "--" not in source, name


def test_latex_keeps_dashes_and_signs_of_figures():
    assert latex("41.2 ± 1.3, 2 × 3, 1–2, −4") == r"41.2 $\pm$ 1.3, 2 $\times$ 3, 1--2, $-$4"
