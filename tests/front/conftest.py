"""The fixtures of ``front_small``, for every test here."""

from front_small import hero, small

__all__ = ["hero", "small"]
