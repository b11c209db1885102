import torch


def second(x):
    found = []
    while True:
        found.append(torch.empty(2**27, dtype=torch.uint8))
