"""Tasks that try what no task may, for tests/test_confined.py."""
