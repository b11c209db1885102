# torch.py, conftest.py, sitecustomize.py and pytest.ini lie beside this file
import torch


def second(x):
    return torch.cummax(x, 0).values
