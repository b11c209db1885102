"""What common messages of torch mean: autograd, dtypes, shapes, sampling. See ``common_messages``."""

from __future__ import annotations

COUNTED = "Indices count from 0: of n items the last is n - 1."
LINED_UP = (
    "Sizes are lined up from the right; two of them fit if they are equal or one of them is 1."
)
TARGETS = "Class numbers and indices are integers: int64, which torch calls Long."
ONE_DTYPE = (
    "torch does not mix dtypes here: bring both sides to one, with x.float() or x.to(other.dtype)."
)

# (exception, pattern of its message, what to say); the first that fits is told
TORCH: list[tuple[str, str, str]] = [
    # autograd
    (
        "RuntimeError",
        r"element \d+ of tensors does not require grad",
        "backward() found no graph behind this tensor. Either nothing that it is computed from requires a "
        "gradient, or the way back is cut: by torch.no_grad(), detach(), item(), .data, or a tensor made "
        "anew with torch.tensor(...).",
    ),
    (
        "RuntimeError",
        r"Trying to backward through the graph a second time",
        "A backward() frees the graph it went through. Compute the loss anew before each backward(), and "
        "detach what one step keeps for the next.",
    ),
    (
        "RuntimeError",
        r"grad can be implicitly created only for scalar outputs",
        "backward() starts at a single number. Make one first, with mean() or sum().",
    ),
    (
        "RuntimeError",
        r"a (?:view of a )?leaf Variable that requires grad is being used in an in-place",
        "A tensor that requires a gradient was changed in place (+=, x[i] = ..., a method that ends in _) "
        "while autograd was recording. An update of parameters belongs inside `with torch.no_grad():`.",
    ),
    (
        "RuntimeError",
        r"one of the variables needed for gradient computation has been modified by an inplace",
        "backward() needs a value of the forward pass, and that was changed in place since (+=, "
        "x[i] = ..., a method that ends in _). Write into a new tensor instead.",
    ),
    (
        "RuntimeError",
        r"[Oo]nly Tensors of floating point and complex dtype can require gradients",
        "Integers have no gradient: start from floats (1.0 instead of 1, or x.float()).",
    ),
    (
        "RuntimeError",
        r"more than one element of the written-to tensor refers to a single memory location",
        "In what is written to, one number in memory stands for many elements, as expand and broadcast_to "
        "make it. A .clone() of it has room for all.",
    ),
    # dtypes
    (
        "RuntimeError",
        r"expected scalar type (?:Long|Int)\b|one of the following scalar types: Long, Int|"
        r"target dtype to be Long|[Ee]xpected dtype int64 for index|only applicable to index tensor|"
        r"\"nll_loss\w*\" not implemented for '(?:Float|Double)'",
        TARGETS,
    ),
    (
        "RuntimeError",
        r"expected scalar type \w+ but found \w+|must have the same dtype|to have the same dtype, but got|"
        r"Input type \(.*\) and bias type|Found dtype \w+ but expected",
        ONE_DTYPE,
    ),
    (
        "RuntimeError",
        r"result type (\w+) can't be cast to the desired output type (\w+)",
        "An act in place keeps the tensor's dtype, {2}, and a {1} does not go into it. Make the tensor of "
        "that dtype in the first place, or a new one.",
    ),
    (
        "RuntimeError",
        r"could not infer output dtype.*Got: (\w+)",
        "The mean or the like of integers is no integer: write x.float() before it.",
    ),
    (
        "IndexError",
        r"tensors used as indices must be",
        "An index is a tensor of integers (int64) or of bools: x.long() makes one of floats.",
    ),
    # shapes
    (
        "RuntimeError",
        r"mat1 and mat2 shapes cannot be multiplied \((\d+)x(\d+) and (\d+)x(\d+)\)",
        "In A @ B, A has as many columns as B has rows. Here they are {2} and {3}.",
    ),
    (
        "RuntimeError",
        r"Expected size for first two dimensions of batch2 tensor to be: \[(\d+), (\d+)\]",
        "In A @ B with a batch, both have the same batch, and A as many columns as B has rows. Here B should "
        "be of shape ({1}, {2}, ...).",
    ),
    (
        "RuntimeError",
        r"size mismatch, got input \((\d+)\), mat \((\d+)x(\d+)\), vec \((\d+)\)",
        "In A @ b, A has as many columns as b has elements. Here they are {3} and {4}.",
    ),
    (
        "RuntimeError",
        r"inconsistent tensor size, expected tensor \[(\d+)\] and src \[(\d+)\]",
        "a @ b of two vectors wants both of one length. Here their lengths are {1} and {2}.",
    ),
    (
        "RuntimeError",
        r"The size of tensor a \(\d+\) must match the size of tensor b \(\d+\)",
        "Two tensors were combined element by element. " + LINED_UP,
    ),
    (
        "RuntimeError",
        r"The expanded size of the tensor|doesn't match the broadcast shape|"
        r"cannot be broadcast to indexing result",
        "What is written does not fit into the place where it goes. " + LINED_UP,
    ),
    (
        "RuntimeError",
        r"shape '\[.*\]' is invalid for input of size (\d+)",
        "view and reshape keep every element: the new sizes, multiplied, must give {1}.",
    ),
    (
        "RuntimeError",
        r"view size is not compatible with input tensor's size and stride",
        "view only reads memory in another way, and here the elements do not lie in order (a transpose or a "
        "slice came before). reshape copies them where it must.",
    ),
    (
        "ValueError",
        r"Expected input batch_size \((\d+)\) to match target batch_size \((\d+)\)",
        "A loss like cross_entropy wants one row of logits for each target. Here are {1} rows and {2} "
        "targets: flatten both alike.",
    ),
    (
        "RuntimeError",
        r"Expected floating point type for target with class probabilities",
        "A target of the logits' own shape is taken for probabilities. Numbers of classes have one "
        "dimension less: one number for each row of logits.",
    ),
    (
        "RuntimeError",
        r"stack expects each tensor to be equal size",
        "torch.stack puts tensors of one shape side by side; torch.cat joins some of different length.",
    ),
    (
        "RuntimeError",
        r"Sizes of tensors must match except in dimension (\d+)",
        "torch.cat joins along one dimension, here dimension {1}; all the other sizes must be equal.",
    ),
    (
        "ValueError",
        r"expected sequence of length \d+ at dim \d+ \(got \d+\)",
        "A tensor is a box: all rows have the same length. These lists have not.",
    ),
    (
        "IndexError",
        r"Dimension out of range \(expected to be in range of \[(-?\d+), (-?\d+)\], but got (-?\d+)\)",
        "The tensor has fewer dimensions than that: {1} to {2} can be named here, and {3} was.",
    ),
    (
        "IndexError",
        r"too many indices for tensor of dimension (\d+)",
        "x[i, j] takes an index for each dimension at most, and this tensor has {1}.",
    ),
    # one number, or many
    (
        "RuntimeError",
        r"Boolean value of Tensor with (?:more than one|no) value",
        "`if`, `while`, `and`, `or` and `not` ask for one True or False, and a tensor holds one for each "
        "element. Say .any() or .all(); element by element it is & and |.",
    ),
    (
        "RuntimeError",
        r"a Tensor with (\d+) elements cannot be converted to Scalar",
        "item(), float() and int() take a tensor of a single element. This one has {1}.",
    ),
    (
        "TypeError|ValueError",
        r"only (?:one element|integer) tensors.* can be converted to",
        "Here a tensor of a single element was needed, and this one has more or none.",
    ),
    # sampling and indices
    (
        "RuntimeError",
        r"probability tensor contains either `?inf`?, `?nan`?",
        "multinomial draws from weights that are finite and not negative. Logits may be negative: softmax "
        "makes weights of them. A NaN comes from 0 / 0, inf - inf, or the log of a negative number.",
    ),
    (
        "RuntimeError",
        r"invalid multinomial distribution",
        "multinomial draws from weights of which at least one is larger than 0. Here all are 0.",
    ),
    (
        "RuntimeError",
        r"cannot sample n_sample > prob_dist\.size\(-1\) samples without replacement",
        "Without replacement there are not enough to draw: replacement=True draws one several times.",
    ),
    (
        "IndexError",
        r"index out of range in self",
        "An embedding of n rows knows the indices 0 to n - 1; one of these is outside.",
    ),
    (
        "IndexError",
        r"Target (-?\d+) is out of bounds",
        "A target is the number of a class: with n logits in a row it is 0 to n - 1.",
    ),
    ("IndexError", r"index -?\d+ is out of bounds for (?:dimension|axis) \d+", COUNTED),
]
