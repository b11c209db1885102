"""A small workbook of its own and a kernel that runs in it: the checkout's progress is not touched."""

import shutil
from pathlib import Path

import pytest

from graders.core.registry import PartRef

pytest.importorskip("jupytext")
pytest.importorskip("nbclient")
pytest.importorskip("ipykernel")

ROOT = Path(__file__).resolve().parents[2]
REF = PartRef("02_bigram", "1_counts")


def small_workbook(root, *refs):
    """A checkout that holds a few parts."""
    for ref in refs:
        for wing in ("graders", "solutions"):
            (root / wing / ref.lesson).mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "solutions" / ref.file, root / "solutions" / ref.file)
        shutil.copytree(ROOT / "graders" / ref.folder, root / "graders" / ref.folder)
        shutil.copy(ROOT / "graders" / ref.lesson / "lesson.toml", root / "graders" / ref.lesson)
        shutil.copy(ROOT / "solutions" / ref.lesson / "README.md", root / "solutions" / ref.lesson)
        pictures = ROOT / "solutions" / ref.lesson / "pictures"
        shutil.copytree(pictures, root / "solutions" / ref.lesson / "pictures", dirs_exist_ok=True)
    shutil.copy(ROOT / "graders/authoring.py", root / "graders")
    (root / "exercises").mkdir()
    return root


class Kernel:
    """A kernel that runs cells one by one, as a learner does."""

    def __init__(self, folder):
        import nbclient
        import nbformat

        self.v4 = nbformat.v4
        self.notebook = nbformat.v4.new_notebook()
        self.client = nbclient.NotebookClient(
            self.notebook,
            timeout=60,
            allow_errors=True,
            kernel_name="python3",
            resources={"metadata": {"path": str(folder)}},
        )

    def run(self, source):
        """The outputs of a cell."""
        cell = self.v4.new_code_cell(source)
        self.notebook.cells.append(cell)
        self.client.execute_cell(cell, len(self.notebook.cells) - 1)
        assert not [o for o in cell.outputs if o.get("name") == "stderr"], cell.outputs
        return cell.outputs

    def shown(self, source):
        """What a cell displays, as plain text."""
        (output,) = self.run(source)
        return output["data"]["text/plain"]

    def html(self, source):
        (output,) = self.run(source)
        return output["data"]["text/html"]


@pytest.fixture(scope="module")
def workbook(tmp_path_factory):
    return small_workbook(tmp_path_factory.mktemp("workbook"), REF)


@pytest.fixture(scope="module")
def running(workbook):
    """One kernel for all tests of a file."""
    import os

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
