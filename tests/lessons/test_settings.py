"""03.settings: the check takes the reference's settings on trust; here they are measured."""

from graders.core.registry import PartRef, Registry
from graders.ground import runner


def test_the_settings_of_the_reference_are_good() -> None:
    part = Registry().load(PartRef("03_mlp", "7_exercises"))
    check = part.exercises["settings"].checks["dev loss"]
    assert check.judge is not None
    settings = runner.load(part.reference, "reference.py", "reference").settings()
    assert check.judge({}, settings, None) is None
    slow = {**settings, "lr": 1e-4}
    assert "asked is below" in (check.judge({}, slow, None) or "passed")
