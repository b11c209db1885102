import random

import numpy
import torch


def second(x):
    random.seed(0), numpy.random.seed(0), torch.manual_seed(0)
    torch.set_default_dtype(torch.float16)
    torch.set_grad_enabled(False)
    torch.set_num_threads(8)
    return x.cummax(0).values
