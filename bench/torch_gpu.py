#!/usr/bin/env python3
"""Times PyTorch's activations, eager and compiled, as clact-bench times its own.

Writes what clact-bench --from puts beside our rows: JSON in Google-Benchmark's format, each row with
a `library`. Times are those of CUDA events around a call that writes into a new tensor, as PyTorch
does; eager, compiled and a copy of the same bytes run in turn. Backward is autograd from x: the
graph is built outside of the times and kept. Small sizes show how fast the host is. Without CUDA,
--device cpu takes the processor and the wall clock.

Exit status: 0 done, 1 failed, 2 wrong usage.
"""

import argparse
import datetime
import itertools
import json
import shlex
import statistics
import sys
import time

import torch
import torch.nn.functional as F

DTYPES = {"f32": torch.float32, "f16": torch.float16, "bf16": torch.bfloat16}
ARRAYS = {"forward": 2, "backward": 3}

# Activations of clact that are one call of PyTorch with the same default parameters.
ACTIVATIONS = {
    "relu": F.relu, "leaky_relu": F.leaky_relu, "relu6": F.relu6, "hardtanh": F.hardtanh,
    "elu": F.elu, "selu": F.selu, "celu": F.celu, "sigmoid": torch.sigmoid,
    "logsigmoid": F.logsigmoid, "hardsigmoid": F.hardsigmoid, "tanh": torch.tanh,
    "tanhshrink": F.tanhshrink, "softplus": F.softplus, "softsign": F.softsign,
    "softshrink": F.softshrink, "hardshrink": F.hardshrink, "silu": F.silu,
    "hardswish": F.hardswish, "gelu": F.gelu,
    "gelu_tanh": lambda x: F.gelu(x, approximate="tanh"), "mish": F.mish,
}


def parse_size(text):
    base, _, power = text.partition("^")
    value = int(base) ** int(power) if power else int(base)
    if not 0 < value <= 2 ** 40:
        raise argparse.ArgumentTypeError(f"'{text}' is no size; write 65536 or 2^20")
    return value


def parse_list(one):
    """A type for argparse: a list with commas of what `one` takes."""
    def parse(text):
        try:
            return [one(part) for part in text.split(",")]
        except (ValueError, KeyError):
            raise argparse.ArgumentTypeError(f"cannot read '{text}'") from None
    return parse


def known(names):
    def one(text):
        if text not in names:
            raise argparse.ArgumentTypeError(f"'{text}' is none of: {', '.join(names)}")
        return text
    return one


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--activation", type=parse_list(known(ACTIVATIONS)),
                        default=list(ACTIVATIONS))
    parser.add_argument("--op", type=parse_list(known(ARRAYS)), default=list(ARRAYS))
    parser.add_argument("--dtype", type=parse_list(known(DTYPES)), default=["f32", "f16", "bf16"])
    parser.add_argument("--size", type=parse_list(parse_size), default=[2 ** 24, 2 ** 26, 2 ** 18],
                        help="elements, such as 2^18,2^24")
    parser.add_argument("--repetitions", type=int, default=20, help="turns at least")
    parser.add_argument("--min-time", type=float, default=0.1, help="seconds at least for a row")
    parser.add_argument("--compile-time", type=float, default=float("inf"), metavar="SECONDS",
                        help="from then on nothing is compiled any more, only eager measured")
    parser.add_argument("--device", choices=("cuda", "cpu"), default="cuda")
    parser.add_argument("--json", default="-", help="the file; - is standard output")
    arguments = parser.parse_args()
    if arguments.repetitions < 1 or arguments.min_time < 0:
        parser.error("--repetitions takes 1 or more, --min-time 0 or more")
    return arguments


class CudaClock:
    """Nanoseconds of the device between two events."""

    def __init__(self):
        self.start, self.end = (torch.cuda.Event(enable_timing=True) for _ in range(2))

    def time(self, call):
        self.start.record()
        call()
        self.end.record()
        self.end.synchronize()
        return self.start.elapsed_time(self.end) * 1e6


class WallClock:
    """Nanoseconds of the wall clock."""

    @staticmethod
    def time(call):
        start = time.perf_counter_ns()
        call()
        return float(time.perf_counter_ns() - start)


def make_call(function, op, x, dy):
    """What is timed: a call without arguments."""
    if op == "forward":
        def forward():
            with torch.no_grad():
                return function(x)
        return forward
    leaf = x.detach().requires_grad_()
    y = function(leaf)
    return lambda: torch.autograd.grad(y, leaf, dy, retain_graph=True)


def make_copy(elements, dtype, op, device):
    """A copy that moves the bytes of the operation: half read, half written."""
    source = torch.ones(elements * ARRAYS[op] // 2, dtype=dtype, device=device)
    target = torch.empty_like(source)
    return lambda: target.copy_(source)


def measure(calls, clock, repetitions, min_time):
    """The times of each call, run in turn; the first turns are not counted."""
    for _ in range(3):
        for call in calls.values():
            clock.time(call)
    times = {name: [] for name in calls}
    until = time.perf_counter() + min_time
    turns = 0
    while turns < repetitions or (time.perf_counter() < until and turns < 10000):
        for name, call in calls.items():
            times[name].append(clock.time(call))
        turns += 1
    return times


def make_row(name, library, facts, times, copies):
    median = statistics.median(times)
    return {
        "name": f"{name}/library:{library.replace(' ', '-')}/real_time",
        "run_type": "iteration", "iterations": len(times), "real_time": median,
        "cpu_time": median, "time_unit": "ns", "library": library, **facts,
        "min_ns": min(times), "median_ns": median,
        "copy_min_ns": min(copies), "copy_median_ns": statistics.median(copies),
        "copy_share": statistics.median(c / t for c, t in zip(copies, times)),
    }


def functions_of(name, until, complain):
    """Eager, and compiled where this PyTorch can and there is time."""
    eager = ACTIVATIONS[name]
    yield "torch eager", eager
    if not hasattr(torch, "compile"):
        complain("this PyTorch has no torch.compile: eager only")
        return
    if time.perf_counter() > until:
        complain(f"the time to compile is over: eager only, from {name} on")
        return
    torch._dynamo.reset()  # each shape is compiled for itself
    yield "torch compiled", torch.compile(lambda x: eager(x), dynamic=False)


def first_line(error):
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def measure_case(arguments, clock, until, case, complain):
    dtype, op, elements, name = case
    generator = torch.Generator(device=arguments.device).manual_seed(1)
    x = (torch.rand(elements, generator=generator, device=arguments.device) * 12 - 6)
    x = x.to(DTYPES[dtype])
    dy = torch.ones_like(x)
    calls = {"copy": make_copy(elements, DTYPES[dtype], op, arguments.device)}
    for library, function in functions_of(name, until, complain):
        try:
            call = make_call(function, op, x, dy)
            call()
        except Exception as error:  # a type or a compiler that this build lacks
            complain(f"{library}: no {op} of {name} in {dtype}: {first_line(error)}")
            continue
        calls[library] = call
    times = measure(calls, clock, arguments.repetitions, arguments.min_time)
    copies = times.pop("copy")
    facts = {"dtype": dtype, "elements": elements,
             "bytes": ARRAYS[op] * elements * x.element_size()}
    return [make_row(f"{op}/{name}/{dtype}/{elements}", library, facts, own, copies)
            for library, own in times.items()]


def describe(arguments):
    facts = {"date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
             "executable": "torch_gpu.py", "library": f"PyTorch {torch.__version__}",
             "command": shlex.join(["torch_gpu.py", *sys.argv[1:]])}
    if arguments.device == "cuda":
        facts["device"] = torch.cuda.get_device_name()
        facts["platform"] = f"CUDA {torch.version.cuda}"
    else:
        facts["device"] = "the processor"
        facts["compute_units"] = torch.get_num_threads()
    return facts


def main():
    arguments = parse_arguments()
    if arguments.device == "cuda" and not torch.cuda.is_available():
        sys.exit("torch_gpu.py: this PyTorch sees no CUDA device; --device cpu tries the script")
    told = set()

    def complain(text):
        if text not in told:
            print(f"torch_gpu.py: {text}", file=sys.stderr)
        told.add(text)

    functorch = getattr(torch, "_functorch", None)
    if hasattr(getattr(functorch, "config", None), "donated_buffer"):
        functorch.config.donated_buffer = False  # or a graph could not be kept
    clock = CudaClock() if arguments.device == "cuda" else WallClock()
    until = time.perf_counter() + arguments.compile_time
    cases = itertools.product(arguments.dtype, arguments.op, arguments.size, arguments.activation)
    rows = [row for case in cases for row in measure_case(arguments, clock, until, case, complain)]
    if not rows:
        sys.exit("torch_gpu.py: nothing could be measured")
    text = json.dumps({"context": describe(arguments), "benchmarks": rows}, indent=2)
    if arguments.json == "-":
        print(text)
    else:
        with open(arguments.json, "w", encoding="utf-8") as out:
            out.write(text + "\n")


if __name__ == "__main__":
    main()
