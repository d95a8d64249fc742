"""The pages of the app: thin Streamlit scripts over what the rest of :mod:`fer.app` computes."""
