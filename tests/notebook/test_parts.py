"""Whole notebooks, headless: as they are written, and solved; and what is left when the kernel is gone."""

import time

import pytest

from graders.core.registry import PartRef, Registry
from graders.notebook.cells import part_cells
from graders.notebook.lesson import learner_notebook
from tests.notebook.small import REF, ROOT, Kernel, small_workbook

psutil = pytest.importorskip("psutil")
ARITHMETIC = PartRef("01_micrograd", "4_arithmetic")  # eight exercises in one class


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    return small_workbook(tmp_path, ARITHMETIC, REF)


def test_a_notebook_runs_from_top_to_bottom_unsolved_and_solved(folder):
    part = Registry().load(ARITHMETIC)
    solved = {c.cell.id: c.cell.source for c in part_cells(part, "source")}
    kernel = Kernel(folder)
    with kernel.client.setup_kernel():
        for right in (False, True):
            seen = []
            for cell in learner_notebook(part).cells:
                if cell.cell_type != "code":
                    continue
                outputs = kernel.run(solved.get(cell.id, cell.source) if right else cell.source)
                assert not [o for o in outputs if o["output_type"] == "error"], outputs
                if cell.source.startswith('check("'):
                    seen.append(outputs[0]["data"]["text/plain"].split("\n")[0])
            word = "right." if right else "still a TODO"
            assert seen == [f"{part.exercise_id(name)}: {word}" for name in part.cards]
        assert kernel.shown("check()").startswith("8 of 8 right")
        (out,) = kernel.run(
            "from graders.notebook import calls\nprint(calls._judging().process.pid)"
        )
        judge = psutil.Process(int(out["text"]))
        below = [judge, *judge.children(recursive=True)]
        assert len(below) > 1
    until = time.monotonic() + 10
    while any(p.is_running() and p.status() != psutil.STATUS_ZOMBIE for p in below):
        assert time.monotonic() < until, "the judge outlived its kernel"
        time.sleep(0.05)


def test_a_picture_is_shown_below_its_cell_and_a_program_can_have_a_file(folder):
    kernel = Kernel(folder / "exercises")
    with kernel.client.setup_kernel():
        kernel.run('from graders.notebook import part, program\npart("02/1")')
        (error,) = kernel.run("program()")
        assert (error["ename"], error["evalue"]) == ("NotImplementedError", "02.vocabulary")
        for made in part_cells(Registry().load(REF), "source"):
            if made.is_code:
                outputs = kernel.run(made.cell.source)
        assert {o["output_type"] for o in outputs} == {"stream", "display_data"}
        assert outputs[-1]["data"]["image/png"]
        assert (folder / "out/02_bigram/counts.png").is_file() or (
            folder / "exercises/out"
        ).is_dir()
        (out,) = kernel.run("print(open(program()).read())")
        space = {"__name__": "other"}
        exec(compile(out["text"], "program.py", "exec"), space)
        assert space["bigrams"]("a") == [(".", "a"), ("a", ".")]
        assert out["text"].rstrip().endswith('if __name__ == "__main__":\n    main()')
