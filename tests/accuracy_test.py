"""accuracy_test.py SAMPLE_CHECKSUMS SOURCE_DIR: host/docs/accuracy.md is that of accuracy.jsonl, which
has every row, keeps every bound, and is of the formulas as they are now."""

import importlib.util
import json
import pathlib
import subprocess
import sys

AGAIN = """  measure again:
    clact verify {names} --exhaustive --resume host/docs/accuracy.jsonl
    clact verify {names} --dtype f16,bf16,f64 --resume host/docs/accuracy.jsonl
    python3 host/docs/accuracy_table.py"""


def load_generator(path):
    spec = importlib.util.spec_from_file_location("accuracy_table", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def excess(row):
    """The kinds of result of a row that do not keep its bound."""
    return [kind for kind in ("measured", "any_dy", "any_parameters")
            if row[kind] and (row[kind]["failures"] or (row[kind]["worst"] and float(
                row[kind]["worst"]["ulps"]) > row["promised"]["ulps"]))]


def check_row(row, key, checksum):
    """What is wrong with a float32 row, '' for nothing."""
    if row is None:
        return "is not there"
    if key[1] != "backward_y" and row["measured"]["inputs"] != 2**32:
        return "was not measured at all inputs"
    if excess(row):
        return "exceeds its bound"
    if row["sample_checksum"] != checksum:
        return "was measured with a formula that gave other bits"
    return ""


def main():
    program, root = sys.argv[1], pathlib.Path(sys.argv[2])
    docs = root / "host/docs"
    generator = load_generator(docs / "accuracy_table.py")
    rows = generator.load(docs / "accuracy.jsonl")
    problems, stale = [], []
    lines = subprocess.run([program], check=True, capture_output=True, text=True).stdout.split("\n")
    current = [line.split() for line in lines if line]
    for name, direction, tier, checksum in current:
        key = (name, direction, "f32", tier)
        wrong = check_row(rows.get(key), key, checksum)
        if wrong:
            problems.append(f"{name} {direction} {tier}: {wrong}")
            stale.append(name)
        for dtype in ("f16", "bf16", "f64"):
            other = rows.get((name, direction, dtype, tier))
            if other is None or excess(other):
                problems.append(f"{name} {direction} {dtype} {tier}: not there or over its bound")
                stale.append(name)
    if len(current) < 150:
        problems.append(f"only {len(current)} rows were printed by {program}")
    if (docs / "accuracy.md").read_text() != generator.document(rows):
        problems.append("accuracy.md is not what accuracy_table.py makes of accuracy.jsonl; run it")
    for problem in problems:
        print(problem)
    if stale:
        print(AGAIN.format(names=" ".join(dict.fromkeys(stale))))
    print(f"accuracy.md: {len(rows)} rows")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
