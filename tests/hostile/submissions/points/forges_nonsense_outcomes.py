import os
import struct

from graders.ground import wire


def second(x):
    bad = [
        {"raised": ["list"], "frames": [["a", {}]], "changed": [[]], "printed": 7, "used": 3},
        {"raised": "E", "frames": 5, "guard": {"a": 1}},
        {"unsendable": None, "value": 3},
    ]
    message = wire.encode({"done": ["second", "values"], "outcomes": bad})
    os.write(100, struct.pack("<I", len(message)) + message)
    os._exit(0)
