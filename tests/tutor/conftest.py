"""A small workbook of its own for each test, as for the terminal; the SDK is an extra."""

from importlib.util import find_spec

from tests.front.conftest import small  # noqa: F401

if find_spec("mcp") is None:
    collect_ignore_glob = ["test_*.py"]
