"""The small workbook of the terminal's tests."""

from tests.front.conftest import small  # noqa: F401
