"""torch_step.py DATA THREADS ACTIVATION SHAPE LR MOMENTUM: training steps by PyTorch on the CPU,
timed on request. clact-bench --peer torch runs it.

DATA holds, packed and in this order: the batch (float32), its classes (int32), then weight and bias
of each layer (float32). SHAPE is batch x inputs x units of each layer. It answers with one line:
first "ready VERSION LOSS LOSS LOSS", the losses of the first three steps; then, to each line with a
number, the seconds that so many steps took, after as many that wake its threads.
"""

import glob
import sys
import time

import numpy
import torch
from torch.nn import functional

ACTIVATIONS = {
    "identity": lambda z: z,
    "relu": functional.relu,
    "leaky_relu": functional.leaky_relu,
    "elu": functional.elu,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "softplus": functional.softplus,
    "silu": functional.silu,
    "gelu": functional.gelu,
    "mish": functional.mish,
    "hardswish": functional.hardswish,
}


def read(path, sides):
    """The batch, its classes and the layers' parameters."""
    with open(path, "rb") as file:
        def take(*shape, dtype=numpy.float32):
            count = int(numpy.prod(shape))
            return torch.from_numpy(numpy.fromfile(file, dtype, count).reshape(shape))

        x = take(sides[0], sides[1])
        classes = take(sides[0], dtype=numpy.int32).long()
        layers = [(take(units, inputs), take(units))
                  for inputs, units in zip(sides[1:], sides[2:])]
    return x, classes, layers


def build(parameters, activation):
    """A model as its users write it, with these parameters."""
    layers = []
    for weight, bias in parameters:
        layer = torch.nn.Linear(weight.shape[1], weight.shape[0])
        with torch.no_grad():
            layer.weight.copy_(weight)
            layer.bias.copy_(bias)
        layers.append(layer)

    class Model(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.layers = torch.nn.ModuleList(layers)

        def forward(self, x):
            for layer in self.layers[:-1]:
                x = activation(layer(x))
            return self.layers[-1](x)

    return Model()


def rest():
    """Waits until the other threads of this process sleep: OpenMP's spin for some time after their
    work, and would take a core from whoever is timed next."""
    until = time.monotonic() + 0.2
    while time.monotonic() < until:
        running = 0
        for path in glob.glob("/proc/self/task/*/stat"):
            try:
                with open(path, encoding="utf-8", errors="replace") as file:
                    running += file.read().rpartition(")")[2].split()[0] == "R"
            except OSError:
                pass  # that thread has ended
        if running <= 1:
            return
        time.sleep(0.0002)


def main():
    path, threads, name, shape, lr, momentum = sys.argv[1:]
    if int(threads) > 0:
        torch.set_num_threads(int(threads))
    if name not in ACTIVATIONS:
        sys.exit(f"torch_step.py: no activation {name}")
    x, classes, parameters = read(path, [int(side) for side in shape.split("x")])
    model = build(parameters, ACTIVATIONS[name])
    optimizer = torch.optim.SGD(model.parameters(), lr=float(lr), momentum=float(momentum))

    def step():
        optimizer.zero_grad(set_to_none=True)
        loss = functional.cross_entropy(model(x), classes)
        loss.backward()
        optimizer.step()
        return loss

    losses = [step().item() for _ in range(3)]
    rest()
    print("ready", torch.__version__, *(f"{loss:.7g}" for loss in losses), flush=True)
    for line in sys.stdin:
        for _ in range(int(line) + 1):  # the threads wake up
            step()
        start = time.perf_counter()
        for _ in range(int(line)):
            step()
        seconds = time.perf_counter() - start
        rest()
        print(repr(seconds), flush=True)


if __name__ == "__main__":
    main()
