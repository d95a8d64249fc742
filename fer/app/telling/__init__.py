"""What tells: the components of the page, their scripts and styles."""
