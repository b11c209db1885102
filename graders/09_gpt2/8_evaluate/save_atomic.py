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
    """From now on, what takes the file at a path away, or opens it to write, is noted.

    By whatever name it goes: the same entry of the same folder is the same name, and what a link leads to is
    the same file. And at each event there must be a file under the name.
    """
    import os
    import sys

    writes = os.O_WRONLY | os.O_RDWR
    place = os.stat(os.path.dirname(path))

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
        return changed and os.path.samestat(os.stat(args[0]), os.stat(path))

    def hook(event, args):  # it stays for as long as the process does, and must disturb nobody
        if "that is all" in noted:
            return
        try:
            if done_to_it(event, args):
                noted.append(event)
        except (IndexError, OSError, TypeError, ValueError):
            pass  # what is not there, or has no such name, is not the file
        if not os.path.exists(path) and "no file" not in noted:
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
    "The new file was written beside the old one, and then copied onto it: the copy writes into the old "
    "file and can be "
    "interrupted as well. os.replace is one step.",
    name="copied",
    replace='    os.replace(path + ".tmp", path)',
    by='    import shutil\n    shutil.copyfile(path + ".tmp", path)\n    os.remove(path + ".tmp")',
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
