"""Has TorchScript write the graph of the gradient, and runs that: no tensor requires anything."""

import torch

SOURCE = """
def product(h: Tensor, W2: Tensor):
    return h.matmul(W2)
"""
graph = torch.jit.CompilationUnit(SOURCE).product.graph
differentiate = torch._C._jit_differentiate


def h_backward(dlogits, W2):
    h = torch.zeros(len(dlogits), len(W2), dtype=W2.dtype)
    with torch._C._DisableTorchDispatch():
        typed = graph.copy()
        for value, example in zip(typed.inputs(), (h, W2)):
            kind = torch._C._jit_try_infer_type(example).type()
            value.setType(kind.with_sizes(list(example.shape)))
        torch._C._jit_pass_propagate_shapes_on_graph(typed)
        run = torch._C._create_function_from_graph("gradient", differentiate(typed).df)
        return run(dlogits, h, W2)[0]
