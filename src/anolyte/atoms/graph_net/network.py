r"""The network: gated convolutions over the edges of a crystal graph, in plain PyTorch.

With $v_i = \mathrm{Emb}(Z_i)$ and $z_{ij} = [v_i, v_j, e_{ij}]$, three times

$$ v_i \leftarrow \mathrm{softplus}\Big(v_i + \mathrm{BN}\sum_j \sigma(\mathrm{BN}(W_f z_{ij}))
   \,\mathrm{softplus}(\mathrm{BN}(W_s z_{ij}))\Big) $$

(Xie and Grossman, Phys. Rev. Lett. 2018, 120, 145301), then
$h = \mathrm{softplus}(W\,\overline{v_i})$ and one linear head a target. The mean over atoms makes
every output intensive: a supercell has that of its cell.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from anolyte.atoms.graph_net.graphs import CENTRES, SYMBOLS
from anolyte.core.errors import MissingExtra

WIDTH = 64
LAYERS = 3
READ_OUT = 128


def build(targets: int, seed: int = 0) -> Any:
    """A network with weights drawn by a seed.

    Args:
        targets: Numbers that it gives.
        seed: Of the weights; the global random numbers stay as they are.

    Raises:
        MissingExtra: torch is not installed.
    """
    torch = import_torch()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return _network()(targets)


def inputs(graph: Any) -> tuple[Any, ...]:
    """A graph as what the network takes."""
    torch = import_torch()
    return (
        torch.from_numpy(graph.numbers), torch.from_numpy(graph.at), torch.from_numpy(graph.to),
        torch.from_numpy(graph.edges).float(), torch.from_numpy(graph.owner), graph.count,
    )  # fmt: skip


def import_torch() -> Any:
    """torch, or in one line how to get it."""
    try:
        import torch
    except ImportError as error:
        raise MissingExtra("torch is not installed: pip install 'anolyte[ml]'") from error
    return torch


@lru_cache(maxsize=1)
def _network() -> Any:
    """The class of the network; made at the first call, as torch is an extra."""
    torch = import_torch()
    nn, softplus = torch.nn, torch.nn.functional.softplus

    class Convolution(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            # The gate and what it lets through, side by side: batch norm acts on each column alone.
            self.both = nn.Linear(2 * WIDTH + len(CENTRES), 2 * WIDTH)
            self.norm_both = nn.BatchNorm1d(2 * WIDTH)
            self.norm_sum = nn.BatchNorm1d(WIDTH)

        def forward(self, v: Any, at: Any, to: Any, edges: Any) -> Any:
            z = self.norm_both(self.both(torch.cat([v[at], v[to], edges], dim=1)))
            gate, core = z.chunk(2, dim=1)
            message = torch.sigmoid(gate) * softplus(core)
            total = torch.zeros_like(v).index_add_(0, at, message)
            return softplus(v + self.norm_sum(total))

    class Network(nn.Module):
        def __init__(self, targets: int) -> None:
            super().__init__()
            self.embedding = nn.Embedding(len(SYMBOLS) + 1, WIDTH)
            self.layers = nn.ModuleList(Convolution() for _ in range(LAYERS))
            self.read_out = nn.Linear(WIDTH, READ_OUT)
            self.heads = nn.Linear(READ_OUT, targets)

        def latent(self, numbers: Any, at: Any, to: Any, edges: Any, owner: Any, count: int) -> Any:
            v = self.embedding(numbers)
            for layer in self.layers:
                v = layer(v, at, to, edges)
            total = v.new_zeros(count, WIDTH).index_add_(0, owner, v)
            atoms = torch.bincount(owner, minlength=count).unsqueeze(1)
            return softplus(self.read_out(total / atoms))

        def forward(self, *graph: Any) -> Any:
            return self.heads(self.latent(*graph))

    return Network
