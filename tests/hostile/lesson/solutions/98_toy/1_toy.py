# %%
import torch


# %%
def first(x):
    ### BEGIN SOLUTION
    return 2 * x + 1
    ### END SOLUTION


# %%
def second(x):
    ### BEGIN SOLUTION
    secret_reference = torch.cummax(x, 0)
    return secret_reference.values
    ### END SOLUTION


# %%
def third(text):
    ### BEGIN SOLUTION
    return {letter: text.count(letter) for letter in sorted(set(text))}
    ### END SOLUTION
