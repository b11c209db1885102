"""A small workbook, and a kernel in which cells are run one by one."""

import shutil
from pathlib import Path

from graders.core.registry import PartRef

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
