"""The fixtures of ``front_small``, for every test here."""

from front_small import hero, program, small

__all__ = ["hero", "program", "small"]
