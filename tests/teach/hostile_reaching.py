"""Hostile cells that search for something, or reach for it.

They say what they got hold of in an error that begins with GAINED, which is never spelled out in
their source (a report shows that). Where there was nothing, they answer wrongly. Names in braces are
what test_hostile.py has planted.
"""

from __future__ import annotations

from tests.teach.attacks import HEAD

GAINED = "GAINED:"


def reaching(*lines: str) -> str:
    """A cell that tries something once, and says what it gained."""
    body = "".join(f"    {line}\n" for line in "\n".join(lines).split("\n"))
    return (
        "import os, sys, time\nwon = chr(71) + 'AINED:'\ntried = []\n"
        f"def gain(what):\n    raise ValueError(won + str(what)[:300])\n"
        f"def attack():\n{body}"
        f"{HEAD}    if not tried:\n        tried.append(1)\n        attack()\n    return 1"
    )


# what it looks for: the two halves never stand together in its own memory
HALVES = """halves = [('the-secret-of', '-the-course'), ('levels - 1) *', ' other + output'),
          ('the-token-of', '-the-teacher'), ('the-work-of', '-a-bystander')]
def known(text):
    return any(p.startswith(two) for one, two in halves for p in text.split(one)[1:])"""
LOOK = """def look(path):
    try:
        with open(path, 'rb') as file:
            text = file.read(2**22).decode('latin-1')
    except (OSError, ValueError):
        return
    if known(text) or text.startswith('SQLite format'):
        gain(path)"""
RAW = """import ctypes
libc = ctypes.CDLL(None, use_errno=True)
def call(name, number, *args):
    if libc.syscall(number, *args) >= 0:
        gain(name)"""

REACHING = {
    "through_proc": reaching(
        HALVES,
        LOOK,
        "pids = ['self', 'thread-self', '1', os.getppid(), *range(os.getpid() - 30, os.getpid())]",
        "for who in pids:\n    for way in ('root', 'cwd/../../../../../../..'):",
        "        look(f'/proc/{who}/{way}{course}/secret.txt')",
        "        look(f'/proc/{who}/{way}{root}/solutions/06_wavenet/2_tree.py')",
        "look('../../../../../../../../{course}/secret.txt')",
    ),
    "inherited_descriptors": reaching(
        HALVES,
        LOOK,
        "for who in ('self', os.getppid(), os.getpid() - 1, os.getpid() - 2):",
        "    for n in {*range(3, 256)} - {101}:  # which waits for what it prints itself",
        "        look(f'/proc/{who}/fd/{n}')",
        "for n in range(3, 256):\n    try:\n        where = os.readlink(f'/proc/self/fd/{n}')",
        "        if where.endswith(('.ipynb', '.db', '.json', '.lock', '.log')):\n            gain(where)",
        "    except OSError:\n        pass",
    ),
    "frames": reaching(
        HALVES,
        "frame = sys._getframe()\nwhile frame is not None:",
        "    for space in (frame.f_locals, frame.f_globals):",
        "        for name, value in list(space.items()):",
        "            if name not in ('halves', '__builtins__') and known(repr(value)[:10**6]):",
        "                gain(name)",
        "    frame = frame.f_back",
    ),
    "garbage_collector": reaching(
        HALVES,
        "import gc\ngc.unfreeze()\nfor thing in gc.get_objects():",
        "    if type(thing) is dict:\n        things = list(thing.values())",
        "    elif type(thing) in (list, tuple):\n        things = list(thing)",
        "    else:\n        continue",
        "    for value in things:\n        if type(value) is str and known(value):\n            gain(value)",
    ),
    "heap": reaching(
        "halves = [(b'levels - 1) *', b' other + output'), (b'the-token-of', b'-the-teacher'),",
        "          (b'the-work-of', b'-a-bystander'), (b'the-secret-of', b'-the-course')]",
        "if not os.path.exists('/proc/self/maps'):\n    return",
        "with open('/proc/self/maps') as maps, open('/proc/self/mem', 'rb', 0) as memory:",
        "    for line in maps:\n        where, rights, *rest = line.split()",
        "        if rights[:2] != 'rw':\n            continue",
        "        low, high = (int(n, 16) for n in where.split('-'))",
        "        try:\n            memory.seek(low)\n            block = memory.read(high - low)",
        "        except (OSError, ValueError, OverflowError, MemoryError):\n            continue",
        "        for one, two in halves:\n            at = block.find(one)\n            while at >= 0:",
        "                if block.startswith(two, at + len(one)):\n                    gain(where)",
        "                at = block.find(one, at + 1)",
    ),
    "environment": reaching(
        HALVES,
        LOOK,
        "import ctypes",
        "if known(' '.join(os.environ.values())):\n    gain('environ')",
        "for who in ('self', os.getppid(), 1):\n    look(f'/proc/{who}/environ')",
        "    look(f'/proc/{who}/cmdline')",
        "libc = ctypes.CDLL(None)\nlibc.getenv.restype = ctypes.c_char_p",
        "if libc.getenv(b'TEACHER_TOKEN'):\n    gain('getenv')",
    ),
    "installed_files": reaching(
        HALVES,
        LOOK,
        "import glob, importlib.util, graders",
        "here = os.path.dirname(os.path.dirname(graders.__file__))",
        "for base in {here, '{root}', *sys.path}:",
        "    for way in ('solutions/06_wavenet/*', 'graders/06_wavenet/**/*.py', '.git/*'):",
        "        for path in glob.glob(f'{base}/{way}', recursive=True):\n            gain(path)",
        "    look(f'{base}/solutions/06_wavenet/2_tree.py')",
        "import linecache, runpy\nif linecache.getlines('{root}/solutions/06_wavenet/2_tree.py'):",
        "    gain('linecache')",
        "try:\n    gain(runpy.run_path('{root}/solutions/06_wavenet/2_tree.py'))",
        "except OSError:\n    pass",
    ),
    "other_submissions": reaching(
        HALVES,
        LOOK,
        "import glob, tempfile\nplace = os.path.dirname(os.getcwd())",
        "for path in glob.glob(place + '/hero-*/**', recursive=True):",
        "    if not path.startswith(os.getcwd()):\n        gain(path)",
        "for path in ('{course}/submitted', '{course}/.hero/results', '{course}/autograded'):",
        "    try:\n        gain(os.listdir(path))\n    except OSError:\n        pass",
        "look('{course}/submitted/bystander/06_2_tree/2_tree.ipynb')",
    ),
    "links_elsewhere": reaching(
        HALVES,
        LOOK,
        "for n, path in enumerate(('{course}/secret.txt', '{course}/gradebook.db', '{course}', '/')):",
        "    try:\n        os.symlink(path, f'soft{n}')\n    except OSError:\n        pass",
        "    look(f'soft{n}')\n    look(f'soft{n}/secret.txt')",
        "    look(f'soft{n}{course}/secret.txt')",
        "    for how in (os.link, os.rename):\n        try:\n            how(path, f'hard{n}')",
        "            gain(f'{how.__name__} {path}')\n        except OSError:\n            pass",
    ),
    "changes_a_file": reaching(
        "import shutil\npath = '{course}/secret.txt'",
        "ways = [lambda: os.truncate(path, 0), lambda: os.utime(path, (0, 0)),",
        "        lambda: os.chmod(path, 0o777), lambda: os.unlink(path), lambda: open(path, 'a'),",
        "        lambda: os.replace(path, path + '.old'), lambda: os.open(path, os.O_TRUNC),",
        "        lambda: os.setxattr(path, 'user.x', b'x'), lambda: os.chown(path, -1, os.getgid()),",
        "        lambda: os.mkdir('{course}/submitted/planted'), lambda: os.mkfifo('{course}/fifo')]",
        "for n, way in enumerate(ways):\n    try:\n        way()\n    except OSError:\n        continue",
        "    gain(n)",
    ),
    "sql": reaching(
        "import sqlite3\nfor name in ('{course}/gradebook.db', 'file:{course}/gradebook.db?mode=rw'):",
        "    try:\n        book = sqlite3.connect(name, uri=True)",
        "        book.execute('update grade set auto_score = 100, manual_score = 100')",
        "        book.commit()\n    except sqlite3.Error:\n        continue\n    gain(name)",
    ),
    "plants_files": reaching(
        "for place in ('/tmp', '/var/tmp', '/dev/shm', '/run', '{home}', '{course}', '{root}',",
        "              '{root}/data', '{course}/.hero/results/06_2_tree',"
        " os.path.dirname(os.getcwd()), sys.prefix):",
        "    if os.path.realpath(place) == os.getcwd():\n        continue  # its own, and gone with it",
        "    try:\n        open(place + '/hero-planted.json', 'w').close()\n    except OSError:",
        "        continue\n    gain(place)",
    ),
    "internet": reaching(
        "import socket\nfor kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):",
        "    for family, where in ((2, '127.0.0.1'), (10, '::1')):",
        "        try:\n            end = socket.socket(family, kind)",
        "            end.connect((where, {port}))\n            end.send(b'hello')",
        "        except OSError:\n            continue",
        "        gain(where)",
    ),
    "unix_sockets": reaching(
        "import socket\nfor where in ('{unix}', '\\0{abstract}'):",
        "    for make in (lambda: socket.socket(1, 2), lambda: socket.socketpair(1, 2)[0]):",
        "        try:\n            make().sendto(b'hello', where)\n        except OSError:",
        "            continue\n        gain(where)",
        "for name in ('{unix}', '\\0{abstract}'):\n    try:",
        "        socket.socket(fileno=os.dup(100)).sendto(b'hello', name)\n    except OSError:",
        "        continue\n    gain(name)",
    ),
    "signals": reaching(
        "import fcntl, signal, struct\nreader, writer = os.pipe()",
        "for signum in (9, 15):\n    try:\n        os.kill({pid}, signum)\n    except OSError:",
        "        continue\n    gain('kill')",
        "for command, value in ((10, 9), (8, {pid}), (15, struct.pack('ii', 1, {pid}))):",
        "    try:\n        fcntl.fcntl(reader, command, value)\n    except OSError:\n        continue",
        "    fcntl.fcntl(reader, fcntl.F_SETFL, os.O_ASYNC | os.O_NONBLOCK)",
        "    os.write(writer, b'x')\n    gain(f'fcntl {command}')",
        "try:\n    fcntl.ioctl(100, 0x8901, struct.pack('i', {pid}))\n    gain('ioctl')",
        "except OSError:\n    pass",
    ),
    "slows_others": reaching(
        "ways = [lambda: os.setpriority(os.PRIO_PROCESS, {pid}, 19),",
        "        lambda: os.sched_setscheduler({pid}, os.SCHED_IDLE, os.sched_param(0)),",
        "        lambda: os.sched_setaffinity({pid}, [0])]",
        "for n, way in enumerate(ways):\n    try:\n        way()\n    except OSError:\n        continue",
        "    gain(n)",
    ),
    "processes": reaching(
        "import subprocess, multiprocessing",
        "ways = [lambda: os.posix_spawn('/bin/sleep', ['sleep', '4711'], {}),",
        "        lambda: subprocess.Popen(['/bin/sleep', '4711'], start_new_session=True),",
        "        lambda: os.fork() or os._exit(0), lambda: os.execv('/bin/sleep', ['sleep', '4711']),",
        "        lambda: multiprocessing.Process(target=time.sleep, args=(4711,)).start()]",
        "for n, way in enumerate(ways):\n    try:\n        way()\n    except OSError:\n        continue",
        "    gain(n)",
    ),
    "raw_calls": reaching(
        RAW,
        "if os.uname().machine != 'x86_64':\n    return",
        "call('ptrace', 101, 16, {pid}, 0, 0)\ncall('pidfd', 434, {pid}, 0)",
        "call('memory', 310, {pid}, 0, 0, 0, 0, 0)\ncall('memfd', 319, b'x', 0)",
        "call('uring', 425, 8, ctypes.create_string_buffer(120))\ncall('bpf', 321, 0, 0, 0)",
        "call('unshare', 272, 0x10000000)\ncall('fault', 323, 0)\ncall('shm', 29, 0, 4096, 0o1600)",
        "call('perf', 298, ctypes.create_string_buffer(128), {pid}, -1, -1, 0)",
        "call('keys', 250, 0, -3, 1)\ncall('x32', 0x40000000 + 39)",
    ),
}
