"""A part in a real kernel: stubs, right and wrong answers, cells out of order, what a learner mistypes."""

import json
import time

import pytest

from graders.core.registry import Registry
from graders.notebook.cells import part_cells
from tests.notebook.small import REF

BIGRAMS = 'def bigrams(word):\n    return list(zip("." + word, word + "."))'
WRONG = "def bigrams(word):\n    return list(zip(word, word[1:]))"


@pytest.fixture(scope="module")
def solved():
    """The cells with the reference, {exercise: source}."""
    made = part_cells(Registry().load(REF), "source")
    return {cell.exercises[0]: cell.cell.source for cell in made if cell.exercises}


def test_stubs_are_todos_and_main_says_so(kernel):
    last = None
    for made in part_cells(Registry().load(REF), "learner"):
        if made.is_code:
            last = kernel.run(made.cell.source)
            for name in made.complete:
                text = kernel.shown(f'check("02.{name}")')
                assert text == f'02.{name}: still a TODO\n[hint("02.{name}")]'
    (printed,) = last
    assert printed["name"] == "stdout" and "02.vocabulary is still a TODO" in printed["text"]
    assert kernel.shown("check()").startswith("0 of 5 right")


def test_all_right_with_the_reference_in_any_order(kernel, solved, workbook):
    kernel.run(part_cells(Registry().load(REF), "source")[1].cell.source)
    for source in reversed(solved.values()):
        kernel.run(source)
    for name in solved:
        told = kernel.shown(f'check("02.{name}")')
        assert told.startswith(f"02.{name}: right.")
    assert "All of this part is solved" in told  # told by the check that made it so, and once
    assert "All of this" not in kernel.shown(f'check("02.{name}")')
    text = kernel.shown("check()")
    assert text.startswith("5 of 5 right") and "All of this part is solved" in text
    state = json.loads((workbook / ".hero/state.json").read_text())
    assert set(state["done"]) == {f"02.{name}" for name in solved}
    assert state["part"] == REF.file


def test_a_warm_check_takes_a_tenth_of_a_second(kernel, solved):
    kernel.run(BIGRAMS)
    kernel.shown('check("02.bigrams")')
    took = []
    for _ in range(5):
        began = time.perf_counter()
        kernel.shown('check("02.bigrams")')
        took.append(time.perf_counter() - began)
    assert min(took) < 0.2, took


def test_the_mistake_is_named_and_the_line_is_the_cells(kernel):
    kernel.run(WRONG)
    wrong = kernel.shown('check("02.bigrams")')
    assert wrong.startswith("02.bigrams: ") and "right." not in wrong
    assert "same numbers again" in wrong
    kernel.run("def bigrams(word):\n\n    return [][len(word) + 5]")
    number = len(kernel.notebook.cells)
    text = kernel.shown('check("02.bigrams")')
    assert "IndexError" in text and ", line 3, in bigrams:  return [][len(word) + 5]" in text
    assert f"cell [{number}" in text or "cell [" in text


def test_what_counts_is_what_the_kernel_defines_now(kernel):
    kernel.run(BIGRAMS)
    assert "right." in kernel.shown('check("02.bigrams")')
    kernel.run(WRONG)
    assert "right." not in kernel.shown('check("02.bigrams")')
    kernel.run(BIGRAMS.replace('"."', "DOT"))  # a constant of one's own, defined later
    kernel.run('DOT = "."')
    assert "right." in kernel.shown('check("02.bigrams")')
    assert "right." in kernel.shown(f'{BIGRAMS}\ncheck("02.bigrams")')  # in one cell
    kernel.run(f"1 / 0\n{WRONG}")  # never got there
    assert "right." in kernel.shown('check("02.bigrams")')
    kernel.run("del bigrams")
    assert "deletes it" in kernel.shown('check("02.bigrams")')
    kernel.run(f"%%time\n{BIGRAMS}")
    assert "right." in kernel.shown('check("02.bigrams")')


def test_the_kernel_is_left_as_it_was(kernel):
    kernel.run("torch.manual_seed(1); torch.set_num_threads(2); a = torch.rand(1).item()")
    kernel.run("torch.manual_seed(1); torch.zeros = None")
    kernel.run(BIGRAMS)
    assert "right." in kernel.shown('check("02.bigrams")')
    (out,) = kernel.run("print(a == torch.rand(1).item(), torch.get_num_threads())")
    assert out["text"] == "True 2\n"


def test_a_todo_here_takes_nothing_from_what_is_solved_elsewhere(kernel, workbook):
    kernel.run(BIGRAMS)
    kernel.shown('check("02.bigrams")')
    kernel.run("del bigrams")
    assert "deletes it" in kernel.shown('check("02.bigrams")')
    assert "02.bigrams" in json.loads((workbook / ".hero/state.json").read_text())["done"]
    kernel.run(WRONG)
    kernel.shown('check("02.bigrams")')
    assert "02.bigrams" not in json.loads((workbook / ".hero/state.json").read_text())["done"]


def test_html_is_escaped(kernel):
    kernel.run(
        'def bigrams(word):\n    print("<script>alert(1)</script> $x$")\n'
        '    raise ValueError("<img src=x onerror=alert(2)>")'
    )
    markup = kernel.html('check("02.bigrams")')
    assert "<script" not in markup and "<img" not in markup and "$x$" not in markup
    assert "&lt;img src=x" in markup and "&lt;script&gt;" in markup


def test_hints_and_the_solution(kernel):
    kernel.run("del bigrams" if "bigrams" in kernel.run("print(dir())")[0]["text"] else "")
    kernel.run(WRONG)
    kernel.shown('check("02.bigrams")')
    assert kernel.shown('hint("02.bigrams")').startswith("02.bigrams, hint 1 of ")
    assert kernel.shown("hint(bigrams)").startswith("02.bigrams, hint 2 of ")
    assert "not solved yet" in kernel.shown('solution("02.bigrams")')
    text = kernel.shown('solution("02.bigrams", yes=True)')
    assert "strict=True" in text and "-    return list(zip(word, word[1:]))" in text


@pytest.mark.parametrize(
    "call, words",
    [
        ('check("02.bigrms")', "Did you mean 02.bigrams?"),
        ('check("99.x")', "There is no lesson"),
        ("check(5)", "There is no lesson"),
        ('part("02/9")', "There is no part"),
        ('hint("nothing")', "is not an exercise"),
        ('check("02.bigrams", seed="many")', "a whole number"),
    ],
)
def test_a_mistyped_call_is_one_sentence(kernel, call, words):
    text = kernel.shown(call)
    assert words in text and "\n" not in text and "Traceback" not in text


def test_an_interrupted_check_is_one_sentence_and_the_next_one_works(kernel):
    kernel.run(BIGRAMS)
    text = kernel.shown(
        "import signal\nsignal.signal(signal.SIGALRM, lambda *_: signal.raise_signal(signal.SIGINT))\n"
        'signal.setitimer(signal.ITIMER_REAL, 0.01)\ncheck("02/1")'
    )
    assert text == "Stopped: nothing was judged."
    assert "right." in kernel.shown('check("02.bigrams")')
    assert "1 of 5 right" in kernel.shown("check()")  # it still knows its part


def test_a_judge_that_was_killed_is_one_sentence_and_the_next_check_works(kernel):
    kernel.run(BIGRAMS)
    kernel.shown('check("02.bigrams")')
    kernel.run(
        "from graders.notebook import calls\ncalls._judging().process.kill()\n"
        "calls._judging().process.poll()"
    )
    assert "right." in kernel.shown('check("02.bigrams")') or "right." in kernel.shown(
        'check("02.bigrams")'
    )
