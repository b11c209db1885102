# well-formed frames, again and again, each of which would start the clock anew
import os
import struct

from graders.ground import wire


def second(x):
    message = wire.encode({"start": ["second", "values"]})
    while True:
        os.write(100, struct.pack("<I", len(message)) + message)
