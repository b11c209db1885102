"""A small workbook of its own and a kernel that runs in it: the checkout's progress is not touched."""

import os
from importlib.util import find_spec

import pytest

from tests.notebook.small import REF, ROOT, Kernel, small_workbook

if not all(map(find_spec, ("jupytext", "nbformat", "nbclient", "ipykernel"))):
    collect_ignore_glob = ["test_*.py"]  # notebooks are an extra


@pytest.fixture(scope="module")
def workbook(tmp_path_factory):
    return small_workbook(tmp_path_factory.mktemp("workbook"), REF)


@pytest.fixture(scope="module")
def running(workbook):
    """One kernel for all tests of a file."""
    before = {name: os.environ.get(name) for name in ("PYTHONPATH", "OMP_NUM_THREADS")}
    os.environ |= {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    made = Kernel(workbook)
    try:
        with made.client.setup_kernel():
            yield made
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


@pytest.fixture
def kernel(running):
    """The kernel, with nothing defined but what a notebook's first cells define."""
    running.run("%reset -f\nimport torch")
    running.run('from graders.notebook import check, hint, part, solution\npart("02/1")')
    return running
