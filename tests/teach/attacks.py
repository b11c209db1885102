"""What hostile notebooks do: the body of their ``tree_size``, or its whole cell.

Each answers wrongly. Those that search for something, or reach for it, are in hostile_reaching.py.
"""

from __future__ import annotations

from typing import Any

Notebook = dict[str, Any]
SIZE, CHECK = "06-2-tree_size", "check-06-tree_size"
SECRET = "the-secret-of-the-course"
TOKEN = "the-token-of-the-teacher"
SCRIPT = "<script>alert(1)</script>"
HEAD = "def tree_size(vocab_size, n_embd, n_hidden, levels):\n"

# the body of tree_size, or a whole cell where it begins with a line of its own
OTHERS = "{course}/submitted/bystander/06_2_tree/2_tree.ipynb"
CODE = {
    "os_exit": "    import os\n    os._exit(0)",
    "sys_exit": "    import sys\n    sys.exit(0)",
    "hang": "    while True: pass",
    "fork_bomb": "    import os\n    while True: os.fork()",
    "memory": "    x = [0]\n    while True: x += x",
    "giant_print": "    while True: print('spam' * 1000)",
    "prints_script": f"    print({SCRIPT!r})\n    raise ValueError({SCRIPT!r})",
    "returns_script": f"    return {SCRIPT!r}",
    "writes_gradebook": "    open('{course}/gradebook.db', 'w').write('')\n    return 1",
    "deletes_results": "    import shutil\n    shutil.rmtree('{course}/.hero')\n    return 1",
    "reads_solution": "    space = {}\n    source = open('{root}/solutions/06_wavenet/2_tree.py').read()\n"
    "    exec(source, space)\n    return space['tree_size'](vocab_size, n_embd, n_hidden, levels)",
    "reads_source": "    raise ValueError(open('{course}/source/06_2_tree/2_tree.ipynb').read())",
    "reads_others": f"    raise ValueError(open('{OTHERS}').read())",
    "reads_secret": "    raise ValueError(open('{course}/secret.txt').read())",
    "patches_graders": "    import graders.core.compare, graders.core.verdict\n"
    "    graders.core.compare.compare = lambda *a, **k: None\n"
    "    graders.core.verdict.judge_case = lambda *a, **k: ('passed', '', '')\n    return 1",
    "writes_everywhere": "    import os\n    for n in range(3, 200):\n"
    "        try: os.write(n, b'passed' * 99)\n"
    "        except OSError: pass\n    return 1",
    "equal_to_all": "    class Yes(int):\n        __eq__ = lambda *a: True\n        __hash__ = int.__hash__\n"
    "    return Yes(1)",
    "exits_at_import": f"class Now:\n    raise SystemExit(0)\n{HEAD}    return Now",
    "hangs_at_import": f"def loop():\n    while True: pass\nx = loop()\n{HEAD}    return x",
    "own_graded": f"def graded(*a, **k):\n    return 1.0\n{HEAD}    graded\n    return 1",
}

# these try to be believed, to stay, or to take what there is; each still answers wrongly
BEHAVING = {
    "forged_frames": "import os, struct\n" + HEAD + "    from graders.ground import wire\n"
    "    def say(frame):\n        text = wire.encode(frame)\n"
    "        os.write(100, struct.pack('<I', len(text)) + text)\n"
    "    right = [{'value': wire.encode(1), 'status': 'passed', 'points': 1}] * 20\n"
    "    for name in ('tree_size', 'make_tree'):\n"
    "        for check in ('values', 'value', 'types'):\n"
    "            say({'start': [name, check]})\n            say({'done': [name, check], 'outcomes': right})\n"
    "    say({'end': True})\n    os._exit(0)",
    "forged_answers_of_the_batch": "    import json, os\n"
    "    line = json.dumps({'student': 'forged_answers_of_the_batch', 'ready': True}) + '\\n'\n"
    "    for n in (0, 1, 2, *range(3, 128)):\n"
    "        try:\n            n != 100 and os.write(n, line.encode())\n"
    "        except OSError:\n            pass\n    return 1",
    "sends_its_descriptors": "    import os, socket\n"
    "    end = socket.socket(fileno=os.dup(100))\n"
    "    socket.send_fds(end, [b'passed'], list(os.pipe()) * 60)\n    return 1",
    "threads_left": "    import threading, time\n    for n in range(8):\n"
    "        threading.Thread(target=time.sleep, args=(4711,)).start()\n    return 1",
    "hangs_at_exit": "import atexit, threading, time, weakref\n"
    "def wait(*a):\n    while True:\n        time.sleep(1)\n"
    "class Last:\n    __del__ = wait\n"
    "last = Last()\n" + HEAD + "    atexit.register(wait)\n    threading._register_atexit(wait)\n"
    "    weakref.finalize(tree_size, wait)\n    last\n    return 1",
    "hooks_imports": "    import builtins, sys\n    class Finder:\n"
    "        def find_spec(self, name, path=None, target=None):\n"
    "            raise SystemExit('all passed')\n"
    "    sys.meta_path.insert(0, Finder())\n    sys.path_hooks.insert(0, Finder)\n"
    "    builtins.__import__ = lambda *a, **k: 1\n"
    "    for name in list(sys.modules):\n"
    "        if name.startswith(('graders', 'torch', 'struct')):\n            sys.modules[name] = Finder()\n"
    "    return 1",
    "patches_what_sends": "    import os, struct, sys\n    from graders.ground import child, runner, wire\n"
    "    wire.encode = lambda *a, **k: b'passed'\n    child.send = lambda *a: None\n"
    "    runner.run_case = lambda *a, **k: {'status': 'passed'}\n"
    "    os.write = lambda fd, data: len(data)\n    struct.pack = lambda *a: b''\n    return 1",
    "fills_the_disk": "    n = 0\n    while True:\n        n += 1\n"
    "        with open(f'{n}', 'wb') as file:\n            file.write(bytes(2**24))",
    "many_files": "    n = 0\n    while True:\n        n += 1\n        open(f'{n}', 'w').close()",
    "links_in_its_folder": "    import os\n    for n, path in enumerate(('{course}', '{home}', '/')):\n"
    "        os.makedirs(f'{n}/deep')\n        os.symlink(path, f'{n}/deep/away')\n"
    "        os.symlink(path, f'away{n}')\n"
    "    return 1",
    "replaces_its_folder": "    import os\n    here = os.getcwd()\n    try:\n        os.rmdir(here)\n"
    "        os.symlink('{course}', here)\n    except OSError:\n        pass\n    return 1",
    "unpickles": "    import os\n    class Bomb:\n        def __reduce__(self):\n"
    "            return (os.system, ('touch {course}/hero-planted.json',))\n"
    "    return Bomb()",
    "script_as_its_name": f"    raise type({SCRIPT!r}, (Exception,), {{}})({SCRIPT!r})",
}
CODE |= BEHAVING
