import os
from pathlib import Path

HERE = Path(__file__).resolve().parent
tried = [HERE / "planted.py", HERE / "1_toy.py", Path("/tmp/hero-planted"), Path.home() / "planted"]
tried += [Path("/dev/shm/hero-planted")]
for path in tried:
    try:
        with open(path, "a") as file:
            file.write("# planted\n")
    except OSError:
        continue
for act in (lambda: os.chmod(HERE, 0), lambda: os.truncate(HERE / "1_toy.py", 0),
            lambda: os.rename(HERE / "1_toy.py", HERE / "2_toy.py"),
            lambda: os.unlink(HERE / "1_toy.py"), lambda: os.mkdir(HERE / "planted"),
            lambda: os.symlink("/", HERE / "planted")):
    try:
        act()
    except OSError:
        continue


def second(x):
    with open("/etc/planted", "w") as file:
        file.write("x")
