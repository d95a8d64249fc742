"""Text that people write or read: numbers, YAML and names from users; commands, messages and tables for them."""
