"""The fixtures of tests/core."""

from tests.core.leaning import own, strict  # noqa: F401
from tests.core.small import *  # noqa: F403
