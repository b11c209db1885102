"""09.save_atomic: the old file or the new one, never half of one."""

from graders.authoring import exercise

ex = exercise("save_atomic", title="onto the disk, all or nothing", pure=False)


@ex.cases
def _(rng):
    for name in ("run.pt", "checkpoint", "a.b.pt"):
        yield dict(
            name=name,
            old={"w": rng.normal(3, 2), "step": rng.integer(1, 99)},
            new={"w": rng.normal(4, 5), "step": rng.integer(100, 999), "text": "new"},
        )


def folder():
    """A new folder, where a confined process may write; it is gone when the process ends."""
    import atexit
    import os
    import shutil
    import tempfile

    place = tempfile.mkdtemp(dir=os.environ.get("TMPDIR"))
    atexit.register(shutil.rmtree, place, True)
    os.mkdir(os.path.join(place, "runs"))
    return os.path.join(place, "runs")


def noting(path, noted):
    """From now on, what takes the file at a path away, opens it to write, or comes from elsewhere, is noted.

    By whatever name it goes: the same entry of the same folder is the same name, and what a link leads to is
    the same file. And once there is a file under the name, there must be one at each event. (A file of
    another folder may lie on another disk: then it is not moved, but refused or copied.)
    """
    import os
    import sys

    writes = os.O_WRONLY | os.O_RDWR
    place = os.stat(os.path.dirname(path))
    there = [os.path.exists(path)]

    def is_name(name, within=-1):
        folder, last = os.path.split(os.fsdecode(name))
        where = os.stat(folder or ".", dir_fd=None if within == -1 else within)
        return last == os.path.basename(path) and os.path.samestat(where, place)

    def done_to_it(event, args):
        if event == "os.remove":
            return is_name(*args)
        if event == "os.rename":
            return is_name(args[0], args[2])
        changed = event == "os.truncate" or (event == "open" and args[2] & writes)
        if changed and not isinstance(args[0], int) and is_name(args[0]):
            return True
        return changed and os.path.samestat(os.stat(args[0]), os.stat(path))

    def from_elsewhere(event, args):
        if event != "os.rename" or not is_name(args[1], args[3]) or args[2] != -1:
            return False
        beside = os.path.dirname(os.path.realpath(path))
        return os.path.commonpath([os.path.realpath(os.fsdecode(args[0])), beside]) != beside

    def hook(event, args):  # it stays for as long as the process does, and must disturb nobody
        if "that is all" in noted:
            return
        try:
            if done_to_it(event, args):
                noted.append(event)
            if from_elsewhere(event, args):
                noted.append("moved from another folder")
        except (IndexError, OSError, TypeError, ValueError):
            pass  # what is not there, or has no such name, is not the file
        there.append(os.path.exists(path))
        if there[-2] and not there[-1]:
            noted.append("no file")

    sys.addaudithook(hook)


def read(path):
    """What torch.load finds there; a word if that is nothing whole."""
    import torch

    try:
        return torch.load(path)
    except Exception:
        return "nothing that can be read"


@ex.scenario
def _(m, name, old, new):
    import os

    place = folder()
    path = os.path.join(place, name)
    returned = m.save_atomic(old, path)
    seen = {"returned": returned, "first": read(path)}
    noted = []
    with open(path, "rb") as reader:  # opened before, read afterwards
        noting(path, noted)
        m.save_atomic(new, path)
        seen["done to the old file itself"] = list(noted)
        noted.append("that is all")
        seen["second"] = read(path)
        seen["who had the old file open reads"] = read(reader)
    seen["in the folder"] = sorted(os.listdir(place))
    return seen


@ex.oracle
def _(name, old, new):
    return {
        "returned": None,
        "first": old,
        "done to the old file itself": [],
        "second": new,
        "who had the old file open reads": old,
        "in the folder": [name],
    }


@ex.check("when writing fails")
def _(m, name, old, new):
    """Something that cannot be written stands at the end of the checkpoint: what is left at path?"""
    import os

    import torch

    class Broken:
        def __reduce__(self):
            raise OSError("no space left on device")

    path = os.path.join(folder(), name)
    torch.save(old, path)
    try:
        m.save_atomic({**new, "broken": Broken()}, path)
        said = "no exception"
    except OSError as error:
        said = str(error)
    return {"said": said, "there is a file": os.path.exists(path), "at path": read(path)}


@ex.oracle("when writing fails")
def _(name, old, new):
    return {"said": "no space left on device", "there is a file": True, "at path": old}


@ex.check("the first time")
def _(m, name, old, new):
    """There is nothing at path yet: a member of the checkpoint looks, while it is written; then one fails."""
    import os
    from collections import OrderedDict

    class Looking:
        def __reduce__(self):
            there.append(os.path.exists(path))
            return OrderedDict, ()

    class Broken:
        def __reduce__(self):
            raise OSError("no space left on device")

    there, noted = [], []
    path = os.path.join(folder(), name)
    noting(path, noted)
    m.save_atomic({**new, "looks": Looking()}, path)
    told = {"done to a file at path": list(noted)}
    noted.append("that is all")
    found = read(path)
    told["while it is written, something is at path"] = any(there)
    told["read"] = {**found, "looks": len(there) > 0} if isinstance(found, dict) else found
    other = os.path.join(folder(), name)
    try:
        m.save_atomic({**old, "broken": Broken()}, other)
    except OSError as error:
        told["when writing fails"] = str(error)
    return {**told, "something is left at path then": os.path.exists(other)}


@ex.oracle("the first time")
def _(name, old, new):
    return {
        "done to a file at path": [],
        "while it is written, something is at path": False,
        "read": {**new, "looks": True},
        "when writing fails": "no space left on device",
        "something is left at path then": False,
    }


ex.hint("While the file is written, the old one must stay. So write elsewhere first.")
ex.hint(
    "Elsewhere is another name in the same folder; os.replace then moves it onto path in one step."
)
ex.hint('torch.save(checkpoint, path + ".tmp"); os.replace(path + ".tmp", path)')

ex.misconception(
    "The old file was overwritten in place: if writing stops in the middle, neither the old nor the new "
    "checkpoint is left. "
    "Write to another name, then os.replace.",
    name="in_place",
    replace='    torch.save(checkpoint, path + ".tmp")\n    os.replace(path + ".tmp", path)',
    by="    torch.save(checkpoint, path)",
)
ex.misconception(
    "The new file was made first, beside the old one or in memory, and then copied onto it: the copy writes "
    "into the old file and can be interrupted as well. os.replace is one step.",
    name="copied",
    replace='    os.replace(path + ".tmp", path)',
    by='    import shutil\n    shutil.copyfile(path + ".tmp", path)\n    os.remove(path + ".tmp")',
)
ex.misconception(
    "Where there was no file yet, the first was written at path itself: if writing stops in the middle, half "
    "a file stands there, and whoever starts again reads it. Write to another name always.",
    name="first_in_place",
    replace='    torch.save(checkpoint, path + ".tmp")\n    os.replace(path + ".tmp", path)',
    by="    if not os.path.exists(path):\n        torch.save(checkpoint, path)\n        return\n"
    '    torch.save(checkpoint, path + ".tmp")\n    os.replace(path + ".tmp", path)',
)
ex.misconception(
    "The new file was written in another folder. That may lie on another disk, and from there it cannot be "
    "moved in one step: the temporary file is path + '.tmp', beside it.",
    name="elsewhere",
    replace='    torch.save(checkpoint, path + ".tmp")\n    os.replace(path + ".tmp", path)',
    by="    import tempfile\n    at = os.path.join(tempfile.mkdtemp(), 'new')\n"
    "    torch.save(checkpoint, at)\n    os.replace(at, path)",
)
ex.misconception(
    "The new file stays under its temporary name: move it onto path.",
    name="not_moved",
    replace='    os.replace(path + ".tmp", path)',
    by='    if not os.path.exists(path):\n        os.replace(path + ".tmp", path)',
)
ex.misconception(
    "The old file was removed before the new one was written. Between the two there is none at all.",
    name="removed_first",
    replace='    torch.save(checkpoint, path + ".tmp")\n',
    by='    if os.path.exists(path):\n        os.remove(path)\n    torch.save(checkpoint, path + ".tmp")\n',
)
ex.misconception(
    "The exception was swallowed: whoever trains on believes that there is a new checkpoint.",
    name="swallowed",
    replace='    torch.save(checkpoint, path + ".tmp")\n    os.replace(path + ".tmp", path)',
    by='    try:\n        torch.save(checkpoint, path + ".tmp")\n        os.replace(path + ".tmp", path)\n'
    "    except Exception:\n        pass",
)
ex.misconception(
    "The temporary file is moved even when writing it has failed: half a file then stands at path.",
    name="moved_anyway",
    replace='    torch.save(checkpoint, path + ".tmp")\n    os.replace(path + ".tmp", path)',
    by='    try:\n        torch.save(checkpoint, path + ".tmp")\n    finally:\n        os.replace(path '
    '+ ".tmp", path)',
)

ex.variant(
    "tidies up, and makes sure that it is on the disk",
    name="tidy",
    source="""
    def save_atomic(checkpoint, path):
        temporary = f"{path}.tmp"
        try:
            with open(temporary, "wb") as file:
                torch.save(checkpoint, file)
                file.flush()
                os.fsync(file.fileno())
            os.rename(temporary, path)
        except BaseException:
            if os.path.exists(temporary):
                os.unlink(temporary)
            raise
""",
)
