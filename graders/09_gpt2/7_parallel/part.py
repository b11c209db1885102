"""Ranks in one process: a thread each, and collectives between them that cannot hang for good."""

import threading

import torch


class Stuck(RuntimeError):
    """A collective that not all ranks call."""


class Ranks:
    """One function per rank at the same time; all_reduce and broadcast as torch.distributed has them."""

    def __init__(self, size):
        self.size, self.rounds, self.done = size, [], set()
        self.calls, self.sent = [0] * size, [0] * size
        self.turn = threading.Condition()

    def meet(self, rank, kind, tensor):
        """What each rank has brought to this collective."""
        with self.turn:
            n = self.calls[rank]
            self.calls[rank] += 1
            self.sent[rank] += tensor.numel()
            if n == len(self.rounds):
                self.rounds.append({})
            here = self.rounds[n]
            here[rank] = (kind, tensor.detach().clone())
            self.turn.notify_all()
            while len(here) < self.size:
                if self.done - here.keys():
                    raise Stuck(f"rank {rank} waits forever: another rank does not come")
                self.turn.wait()
        if len({(what, tuple(t.shape), t.dtype) for what, t in here.values()}) > 1:
            raise Stuck(
                "the ranks meet with tensors of different shapes or in different collectives"
            )
        return [here[r][1] for r in range(self.size)]

    def all_reduce(self, rank):
        def all_reduce(tensor):
            brought = self.meet(rank, "all_reduce", tensor)
            with torch.no_grad():
                tensor.copy_(sum(brought))

        return all_reduce

    def broadcast(self, rank):
        def broadcast(tensor, src):
            brought = self.meet(rank, f"broadcast from {src}", tensor)
            with torch.no_grad():
                tensor.copy_(brought[src])

        return broadcast

    def run(self, function, owned):
        """[function(rank, owned[rank]) for each rank], at the same time; the lowest rank's error is raised.

        A rank that waits forever gives a sentence instead. Each takes what it owns out of the list, which
        holds only None when the first function begins: another rank's numbers come by a collective.
        """
        found, errors = [None] * self.size, {}
        all_have_theirs = threading.Barrier(self.size)

        def work(rank):
            mine, owned[rank] = owned[rank], None
            all_have_theirs.wait()
            try:
                found[rank] = function(rank, mine)
            except Stuck as stuck:
                found[rank] = str(stuck)
            except Exception as error:
                errors[rank] = error
            finally:
                with self.turn:
                    self.done.add(rank)
                    self.turn.notify_all()

        threads = [
            threading.Thread(target=work, args=(rank,), daemon=True) for rank in range(self.size)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if errors:
            raise errors[min(errors)]
        return found


def small_model(weights, dtype=torch.float64):
    """Embedding, BatchNorm (for its buffers), a linear layer; one parameter is frozen."""
    vocab_size, width = weights["0.weight"].shape
    model = torch.nn.Sequential(
        torch.nn.Embedding(vocab_size, width),
        torch.nn.BatchNorm1d(width),
        torch.nn.Linear(width, vocab_size),
    ).to(dtype)
    model.load_state_dict(weights)
    model[1].bias.requires_grad_(False)
    # a buffer that no state dict holds, such as a mask
    model.register_buffer("scale", model[2].bias.detach() * 2, persistent=False)
    return model


def weights(rng, vocab_size, width):
    return {
        "0.weight": rng.normal(vocab_size, width),
        "1.weight": rng.normal(width, mean=1.0),
        "1.bias": rng.normal(width),
        "1.running_mean": rng.normal(width),
        "1.running_var": rng.uniform(0.5, 2.0, width),
        "1.num_batches_tracked": rng.integers(1, 99, 1)[0],
        "2.weight": rng.normal(vocab_size, width),
        "2.bias": rng.normal(vocab_size),
    }
