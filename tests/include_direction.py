"""include_direction.py SOURCE_DIR: includes point downward only.

In host/core every file names its level in its first line ("/* plan.c (L2): ...") and may include
its own level or lower ones, and what it shares with the kernels. net includes core's public headers
alone, as does tune; cli, train and bench the public headers of all, train and bench also what cli
shares with them, cli also the headers of train, of figure, which itself includes cli's words and
train's writer of files, and of verify, which itself includes core's public header alone; kernels
include kernels.
Nothing in kernels reaches outside. Tests may include all.
"""

import pathlib
import re
import sys

INCLUDE = re.compile(r'^\s*#\s*include\s+(?:"([^"]+)"|<((?:clact|\.\.)/[^>]+)>)', re.M)
LEVEL = re.compile(r"^/\* (\S+) \(L([0-3])\): ")
SHARED_WITH_KERNELS = {"philox.h", "stages.h"}
CORE = {"clact/clact.h", "clact/product.h"}
TUNING = {"clact/clact.h", "clact/tuning.h", "clact/gemm.h", "clact/tune.h"}
PUBLIC = CORE | TUNING | {"clact/net.h", "clact/activations.def"}


def includes(path):
    return [quoted or angled for quoted, angled in INCLUDE.findall(path.read_text())]


def check_core(folder, problems):
    levels = {}
    files = sorted([*folder.glob("*.[ch]"), *folder.glob("*.def")])
    for path in files:
        match = LEVEL.match(path.read_text())
        if not match or match.group(1) != path.name:
            problems.append(f"{path}: the first line is not '/* {path.name} (Ln): ...'")
            continue
        levels[path.name] = int(match.group(2))
    for path in files:
        for name in includes(path):
            if name in PUBLIC - {"clact/net.h", "clact/tune.h"} or name == "clact/version.h" or (
                name in SHARED_WITH_KERNELS
            ):
                continue
            if name not in levels:
                problems.append(f"{path}: includes {name}, which is no part of core")
            elif levels[name] > levels.get(path.name, 3):
                problems.append(f"{path} (L{levels[path.name]}): includes {name} (L{levels[name]})")
    return len(files)


def check_folder(folder, allowed, problems):
    files = sorted(p for p in folder.iterdir() if p.suffix in (".c", ".h", ".cl", ".def"))
    own = {p.name for p in files}
    for path in files:
        for name in includes(path):
            if name not in own and name not in allowed:
                problems.append(f"{path}: may not include {name}")
    return len(files)


def main():
    root = pathlib.Path(sys.argv[1])
    problems = []
    count = check_core(root / "host/core", problems)
    net = CORE | {"clact/gemm.h", "clact/net.h"}
    count += check_folder(root / "host/net", net, problems)
    verify = {path.name for path in (root / "host/verify").glob("*.h")}
    count += check_folder(root / "host/verify", {"clact/clact.h", "clact/activations.def"}, problems)
    count += check_folder(root / "host/tune", TUNING, problems)
    shared = {"cli_common.h", "device_pick.h", "element.h"}
    train_shared = shared | {"progress.h"}
    count += check_folder(root / "host/train", net | train_shared, problems)
    train = {path.name for path in (root / "host/train").glob("*.h")}
    count += check_folder(root / "host/figure", {"cli_common.h", "file_write.h"}, problems)
    below_lab = net | train_shared | train | {"figure.h"}
    count += check_folder(root / "host/lab", below_lab | {"oracle.h"}, problems)
    cli = TUNING | verify | below_lab | {"lab.h", "lab_report.h"}
    count += check_folder(root / "host/cli", cli, problems)
    count += check_folder(root / "bench", net | shared, problems)
    count += check_folder(root / "kernels", set(), problems)
    for problem in problems:
        print(problem)
    print(f"{count} files, {len(problems)} includes that do not point downward")
    return 1 if problems or count < 50 else 0


if __name__ == "__main__":
    sys.exit(main())
