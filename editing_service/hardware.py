"""Which device the model runs on, and in which number type."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from editing_service.failures import UnusableModel

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}


@dataclass(frozen=True)
class Hardware:
    """A device, the type of the weights and activations on it, and how a GPU is used."""

    device: torch.device
    dtype: torch.dtype
    graphs: bool = False  # whether the U-Net runs from CUDA graphs
    side_stream: bool = False  # whether pictures are encoded and decoded on a stream of their own


def choose_hardware(
    device: str = "auto", dtype: str = "auto", graphs: bool = False, side_stream: bool = True
) -> Hardware:
    """Read DEVICE, DTYPE, CUDA_GRAPHS and SIDE_STREAM; raise UnusableModel where this machine can't do what they say.

    Without a CUDA device there are no graphs and no streams.
    """
    chosen = _device(device)
    is_gpu = chosen.type == "cuda"
    if dtype not in ("auto", *DTYPES):
        raise UnusableModel(f"DTYPE={dtype} is not one of auto, {', '.join(DTYPES)}")
    number = DTYPES.get(dtype, torch.bfloat16 if is_gpu else torch.float32)
    return Hardware(chosen, number, graphs and is_gpu, side_stream and is_gpu)


def memory_taken(device: torch.device) -> int:
    """Bytes that this process holds on a GPU; 0 for what is no GPU."""
    return torch.cuda.memory_reserved(device) if device.type == "cuda" else 0


def is_out_of_memory(error: Exception) -> bool:
    """Tell exhausted memory, which has other names on the CPU, and on a GPU where it is pinned."""
    told = ("can't allocate memory", "CUDA error: out of memory")
    return isinstance(error, (torch.OutOfMemoryError, MemoryError)) or any(words in str(error) for words in told)


def free_memory() -> None:
    """Give back what PyTorch keeps of a GPU's memory for later."""
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def _device(name: str) -> torch.device:
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise UnusableModel(f"DEVICE={name} is not a device; use auto, cpu or cuda") from error
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise UnusableModel(f"DEVICE={name}, but this machine has {torch.cuda.device_count()} CUDA devices")
    if device.type not in ("cpu", "cuda"):
        raise UnusableModel(f"DEVICE={name} is not served; use auto, cpu or cuda")
    return device
