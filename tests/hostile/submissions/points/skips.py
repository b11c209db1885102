import pytest


def second(x):
    pytest.skip("not today")
