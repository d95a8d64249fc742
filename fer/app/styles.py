"""Styles of the pages that Streamlit's own options do not have: contrast, size of text, focus, motion."""

from fer.app.preferences import Preferences

_ALWAYS = """
.stMainBlockContainer { padding-top: 4.5rem; padding-bottom: 4rem; }
.stApp h1 { font-size: 2.1rem; padding: 0.5rem 0 0.75rem; } .stApp h2 { font-size: 1.5rem; padding: 0.75rem 0 0.5rem; }
.stApp *:focus-visible, .stApp label:has(input:focus-visible) {
  outline: 3px solid currentColor !important; outline-offset: 2px !important; }
[data-testid="stCheckbox"] label:not(:has(input:checked)) > div:first-of-type { background: #6b7480 !important; }
.stApp [data-testid="stCaptionContainer"], .stApp [data-testid="stCaptionContainer"] * { opacity: 1 !important; }
[data-testid="stStatusWidget"], [data-testid="stAppDeployButton"] { display: none !important; }
.fer-table { border-collapse: collapse; margin: 0.5rem 0 1.25rem; min-width: min(100%, 26rem); }
.fer-table caption { text-align: left; font-weight: 600; padding-bottom: 0.35rem; }
.fer-table th, .fer-table td {
  text-align: left; padding: 0.35rem 0.9rem 0.35rem 0; border-bottom: 1px solid #6b7480; vertical-align: top; }
.fer-table .number { text-align: right; font-variant-numeric: tabular-nums; }
.fer-scroll { overflow-x: auto; }
.fer-box { border-left: 0.35rem solid currentColor; padding: 0.25rem 0 0.25rem 1rem; margin: 0.5rem 0 1rem; }
.fer-box > :first-child, .fer-warning > :first-child { margin-top: 0; }
.fer-box > :last-child, .fer-warning > :last-child { margin-bottom: 0; }
.fer-warning { border: 2px solid currentColor; border-left-width: 0.6rem; padding: 0.6rem 1rem; font-weight: 600; }
iframe[title^="streamlit_webrtc"] { width: 100%; }
@media (prefers-reduced-motion: reduce) {
  *, *::before, *::after { animation: none !important; transition: none !important; scroll-behavior: auto !important; }
}
"""
_CONTRAST = """
.stApp, [data-testid="stHeader"], [data-testid="stSidebar"], [data-testid="stSidebarContent"], [role="listbox"],
[role="option"], [data-testid="stExpander"] details, [data-testid="stFileUploaderDropzone"], [data-testid="stForm"] {
  background: #000 !important; color: #fff !important; border-color: #fff !important; }
.stApp p, .stApp li, .stApp span, .stApp h1, .stApp h2, .stApp h3, .stApp td, .stApp th, .stApp caption, .stApp summary,
.stApp label, .stApp small, [role="option"] * { color: #fff !important; opacity: 1 !important; }
.stApp a, .stApp a * { color: #ff0 !important; text-decoration: underline !important; background: #000 !important; }
.stApp [aria-current="page"] { border: 2px solid #ff0 !important; }
.stApp button, .stApp input, .stApp textarea, .stApp [role="combobox"], .stApp [data-testid="stSelectbox"] button,
.stApp [data-testid="stSelectbox"] > div > div {
  background: #000 !important; color: #ff0 !important; border: 2px solid #ff0 !important; }
.stApp button *, .stApp [data-testid="stSelectbox"] > div > div * {
  color: #ff0 !important; background: #000 !important; opacity: 1 !important; }
.stApp [data-testid="stSelectbox"] > div > div * { border: none !important; }
.stApp button[kind="primary"], .stApp button[kind="primary"] *, .stApp .fer-button.primary {
  background: #ff0 !important; color: #000 !important; }
.stApp button:disabled, .stApp button:disabled * { color: #ccc !important; border-color: #ccc !important; }
[data-testid="stCheckbox"] label > div:first-of-type { background: #000 !important; border: 2px solid #ff0 !important; }
[data-testid="stCheckbox"] label > div:first-of-type > div { background: #ff0 !important; }
[data-testid="stCheckbox"] label:has(input:checked) > div:first-of-type { background: #ff0 !important; }
[data-testid="stCheckbox"] label:has(input:checked) > div:first-of-type > div { background: #000 !important; }
[data-testid="stRadioOption"] > div > div:first-child {
  background: #000 !important; border: 2px solid #ff0 !important; }
[data-testid="stRadioOption"] > div > div:first-child > div { background: #000 !important; }
[data-testid="stRadioOption"][data-selected="true"] > div > div:first-child > div { background: #ff0 !important; }
[data-testid="stSlider"] [role="group"] > div > div:first-child { background: #fff !important; }
[data-testid="stSlider"] [role="group"] > div > div:nth-child(2) { background: #ff0 !important; }
[role="option"][data-focused="true"], [role="option"][data-focused="true"] * {
  background: #ff0 !important; color: #000 !important; }
.stApp svg { fill: currentColor; color: #ff0 !important; }
.stApp *:focus-visible, .stApp label:has(input:focus-visible) { outline: 4px solid #0ff !important; }
"""
_SIZES = {
    "normal": "",
    "large": "html { font-size: 125% !important; }",
    "largest": "html { font-size: 160% !important; }",
}


def styles(preferences: Preferences) -> str:
    """Return the styles as HTML for the preferences of a user."""
    contrast = _CONTRAST if preferences.contrast else f"@media (prefers-contrast: more) {{ {_CONTRAST} }}"
    return f"<style>{_ALWAYS}{contrast}{_SIZES[preferences.size]}</style>"
