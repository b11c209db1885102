import os
import struct

import torch

from graders.ground import wire


def second(x):
    message = wire.encode(torch.ones(3))
    os.write(100, struct.pack("<I", len(message)) + message)
    os._exit(0)
