"""How many of torch's operations a piece of code takes, and by which an answer came about.

What is counted is the child's word: whoever knows how can compute unseen. So a check that counts asks for the
answer as well. A count knows what was done, not what became of it: ``multiplied`` and ``joined`` ask the
answer's own graph, where what was done beside it does not stand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode

# what takes no more than the form of a tensor
LIKE = {
    *(f"new_{name}" for name in ("zeros", "ones", "empty", "full", "empty_strided")),
    *(f"{name}_like" for name in ("zeros", "ones", "empty", "full", "rand", "randn")),
}
# what multiplies matrices, as the graph calls it; einsum, linear and tensordot come to one of these
PRODUCTS = {
    *(
        "Mm",
        "Bmm",
        "Addmm",
        "Baddbmm",
        "Addbmm",
        "Mv",
        "Addmv",
        "Dot",
        "Vdot",
        "Linear",
        "MkldnnLinear",
    ),
    *("SparseAddmm", "SparseMm", "LinalgVecdot", "Trilinear", "Convolution"),
}


class Operations(TorchDispatchMode):
    """``with Operations(x) as ops: ...; ops.count``: those on x and on what comes of it, and their ``names``.

    Views are none: cutting a tensor into its heads is not yet a loop over heads. Nor is what x
    has no part in, such as a table of weights that is filled row by row: ``x.new_zeros(T, T)`` takes
    x's dtype, and none of its numbers.
    """

    def __init__(self, *tensors: torch.Tensor) -> None:
        super().__init__()
        self.kept = [*tensors]  # so that no number is given twice
        self.known = {id(tensor) for tensor in tensors}
        self.count = 0
        self.names: set[str] = set()

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        # otherwise the first operation imports the whole compiler: a second, and 800 modules
        return False

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        out = func(*args, **(kwargs or {}))
        given, made = [*_tensors((args, kwargs or {}))], [*_tensors(out)]
        if func.overloadpacket.__name__ in LIKE:
            return out
        if any(id(tensor) in self.known for tensor in given):
            self.kept += made
            self.known.update(map(id, made))
            self.names.add(func.overloadpacket.__name__)
            self.count += not all(_is_view(tensor, given) for tensor in made)
        return out


MANY = 20  # times for each value: a few dicts and sets on the way are no search


class Lookups:
    """``ids = lookups.watch(ids)``: how often one of them is compared or looked up.

    ``x in a_list``, ``a_list.count(x)`` and ``a_list.index(x)`` go through all of a list in C: each is one
    step of Python's (see ``graders/ground/steps.py``), however long the list is.
    """

    def __init__(self) -> None:
        self.count = self.there = 0
        self.kinds = {kind: self._counting(kind) for kind in (int, str)}

    def watch(self, values: list[Any]) -> list[Any]:
        """The same ints and strings, in a new list."""
        self.there += len(values)
        return [self.kinds[type(value)](value) for value in values]

    def times(self) -> int:
        """How often, for each value that is there; if more than MANY times, how much more is not told.

        So solutions that search give one answer, whatever else they do.
        """
        return min(-(-self.count // max(1, self.there)), MANY + 1)

    def _counting(self, kind: Any) -> Any:
        def __eq__(one: Any, other: object) -> Any:
            self.count += 1
            return kind.__eq__(one, other)

        def __ne__(one: Any, other: object) -> Any:
            self.count += 1
            return kind.__ne__(one, other)

        def __hash__(one: Any) -> int:
            self.count += 1
            return kind.__hash__(one)

        return type(
            kind.__name__, (kind,), {"__eq__": __eq__, "__ne__": __ne__, "__hash__": __hash__}
        )


def searched(times: int, there: int, name: str) -> str | None:
    """A sentence where values are looked up so many times that it is a search (see ``Lookups.times``)."""
    if times <= MANY:
        return None
    return (
        f"the result is right, but one of the {there} {name} is compared or looked up more than "
        f"{MANY * there:,} times: are all of them gone through again and again? A dict or a set finds one "
        "at once"
    )


class Layers(TorchDispatchMode):
    """``with Layers(m) as layers: ...; layers.made``: whether a layer was made, torch's or the file's own.

    Of the module that the learner writes, layers are all classes that have ``parameters``. A tensor as large
    as a layer's, on no device even, is taken for one: from 1,000 numbers on.
    """

    def __init__(self, m: Any) -> None:
        super().__init__()
        own: list[Any] = [kind for kind in vars(m).values() if isinstance(kind, type)]
        self.kinds = [kind for kind in own if hasattr(kind, "parameters")] + [torch.nn.Module]
        self.made = False

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False  # as in Operations

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        out = func(*args, **(kwargs or {}))
        self.made |= any(tensor.numel() >= 1000 for tensor in _tensors(out))
        return out

    def __enter__(self) -> Layers:
        super().__enter__()
        self.were = [(kind, vars(kind).get("__init__")) for kind in self.kinds]
        for kind in self.kinds:
            self._note(kind, kind.__init__)
        return self

    def __exit__(self, *exc: Any) -> None:
        super().__exit__(*exc)
        for kind, init in self.were:
            if init is None:
                del kind.__init__
            else:
                kind.__init__ = init

    def _note(self, kind: Any, init: Callable[..., None]) -> None:
        def noted(layer: Any, *args: Any, **kwargs: Any) -> None:
            self.made = True
            init(layer, *args, **kwargs)

        kind.__init__ = noted


def multiplied(
    answer: Any, given: torch.Tensor, by: Callable[[torch.Tensor], bool] | None = None
) -> bool:
    """Whether an answer came of what was given by a product of matrices, or one written out.

    Written out it is times, and then the sum.

    Args:
        given: a leaf that requires grad; all ways by which the answer came of it count.
        by: says of the other factor whether it is the one that counts.
    """

    def found(node: Any, summed: bool) -> bool:
        product = _kind(node) in PRODUCTS or (summed and _kind(node) == "Mul")
        return product and (by is None or any(by(factor) for factor in _kept(node)))

    return _on_every_way(answer, given, found)


def _kept(node: Any) -> Iterator[torch.Tensor]:
    """The tensors that a node keeps for its way back: of a product, the factors that have no gradient."""
    for name in dir(node):
        if name.startswith("_saved_") and isinstance(getattr(node, name), torch.Tensor):
            yield getattr(node, name)


def joined(answer: Any, given: torch.Tensor) -> bool:
    """Whether an answer came of what was given (a leaf that requires grad) by laying pieces together."""
    return _on_every_way(
        answer,
        given,
        lambda node, _: (
            _kind(node) == "Cat" and sum(of is not None for of, _ in node.next_functions) > 1
        ),
    )


def laid_by_view(answer: Any, given: torch.Tensor) -> bool:
    """Whether rows became longer by a view, on some way from an answer to what was given (a leaf).

    ``view``, ``reshape`` and ``flatten`` do, where they lay what were rows behind one another.
    """

    def longer(node: Any) -> bool:
        before = getattr(node, "_saved_self_sym_sizes", None)
        after = [tuple(about.shape) for about in getattr(node, "_input_metadata", ())]
        named = _kind(node) in ("View", "UnsafeView", "ReshapeAlias")
        if _kind(node) == "AsStrided":  # of any shape, out of any
            return True
        return bool(named and before and after and after[0] and after[0][-1] > before[-1])

    return _on_some_way(answer, given, longer)


def _on_some_way(answer: Any, given: torch.Tensor, found: Callable[[Any], bool]) -> bool:
    todo: list[Any] = [answer.grad_fn] if isinstance(answer, torch.Tensor) else []
    seen: set[Any] = {None}
    at: set[bool] = set()
    while todo:
        node = todo.pop()
        if node not in seen:
            seen.add(node)
            at.add(found(node))
            todo += [before for before, _ in node.next_functions]
    return True in at


def _kind(node: Any) -> str:
    return node.name().partition("Backward")[0]


def _on_every_way(answer: Any, given: torch.Tensor, found: Callable[[Any, bool], bool]) -> bool:
    """Whether something is found on each way through the graph, from an answer back to what was given.

    ``found(node, summed)``: summed if there was a sum on the way so far.
    """
    todo = [(answer.grad_fn, False)] if isinstance(answer, torch.Tensor) else []
    seen, any_found = set(), False
    while todo:
        node, summed = todo.pop()
        if node is None or (node, summed) in seen:
            continue
        seen.add((node, summed))
        if getattr(node, "variable", None) is given:
            return False
        if found(node, summed):
            any_found = True
        else:
            summed = summed or _kind(node) == "Sum"
            todo += [(before, summed) for before, _ in node.next_functions]
    return any_found


def _tensors(value: Any) -> Iterator[torch.Tensor]:
    if isinstance(value, torch.Tensor):
        yield value
    elif isinstance(value, (tuple, list, dict)):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _tensors(inner)


def _is_view(tensor: torch.Tensor, given: list[torch.Tensor]) -> bool:
    where = tensor.untyped_storage().data_ptr()
    return not any(tensor is other for other in given) and any(
        other.untyped_storage().data_ptr() == where for other in given
    )
