"""The fixtures of tests/core."""

from tests.core.small import *  # noqa: F403
