"""The script that Streamlit runs for each browser, again at each of its actions."""

from fer.app.pages.frame import show

show()
