"""The fixtures of tests/core (a module of its own name: several folders have a conftest)."""

from core_small import *  # noqa: F403
