import os
import struct

from graders.ground import wire


def second(x):
    outcome = {"raised": "E", "message": "\x1b[31m\ud800" * 99, "frames": [[2**70, "f"]]}
    message = wire.encode({"done": ["second", "values"], "outcomes": [outcome] * 4})
    os.write(100, struct.pack("<I", len(message)) + message)
    os._exit(0)
