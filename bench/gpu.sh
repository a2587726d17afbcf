#!/bin/sh
# bench/gpu.sh: builds on a machine that has an OpenCL GPU, tests, tunes and verifies the device,
# measures it, and leaves JSON and an HTML report. `bench/gpu.sh --help` says more.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)

usage() {
    cat <<'END'
Usage: bench/gpu.sh [options] [RESULTS]
       bench/gpu.sh --fetch FOLDER [libraries]

Builds, then on the device: tests, tunes, verifies, measures. RESULTS is the folder for what comes
of it (default: bench/results/DEVICE-DRIVER-COMMIT). A step that fails does not stop the next ones,
but for the build; the exit status is then 1.

  --device SELECTOR  a number or a part of a device's name (default: the first GPU)
  --deps FOLDER      take the libraries, and programs that the system lacks, from this folder, an
                     unpacked root with usr/include and usr/lib; or set CLACT_DEPS
  --commit NAME      what is measured, where there is no git to ask
  --build FOLDER     where to build (default: build/gpu)
  --steps LIST       some of: build,test,tune,verify,bench,torch,report (default: all). Results of
                     earlier calls with the same RESULTS are kept
  --quick            as little as shows that it works; the figures mean nothing
  --python PROGRAM   the Python that may have PyTorch (default: python3)

--fetch downloads what --deps takes on a Debian machine with a network and unpacks it, for a GPU
machine that has neither packages nor network: with `libraries` without CMake and make. The GPU
machine needs a C compiler, and Python for the tests and for PyTorch. Where no driver is registered
with the OpenCL loader but NVIDIA's is there, it is used.
END
}

die() {
    echo "gpu.sh: $*" >&2
    exit 2
}

# ---- Options ----

device='' deps=${CLACT_DEPS:-} commit='' build=$root/build/gpu results='' quick='' python=python3
steps=build,test,tune,verify,bench,torch,report

while [ $# -gt 0 ]; do
    case $1 in
    --help | -h) usage && exit 0 ;;
    --fetch) shift && exec sh "$root/bench/gpu_fetch.sh" "$@" ;;
    --quick) quick=yes ;;
    --device | --deps | --commit | --build | --steps | --python)
        [ $# -gt 1 ] || die "$1 needs a value; --help shows which"
        case $1 in
        --device) device=$2 ;;
        --deps) deps=$2 ;;
        --commit) commit=$2 ;;
        --build) build=$2 ;;
        --steps) steps=$2 ;;
        --python) python=$2 ;;
        esac
        shift
        ;;
    -*) die "unknown option '$1'; --help lists the options" ;;
    *)
        [ -z "$results" ] || die "one folder for the results, so not '$1'"
        results=$1
        ;;
    esac
    shift
done
for step in $(echo "$steps" | tr , ' '); do
    case $step in
    build | test | tune | verify | bench | torch | report) ;;
    *) die "there is no step '$step'; --help lists them" ;;
    esac
done

wants() {
    case ,$steps, in *,"$1",*) return 0 ;; *) return 1 ;; esac
}

temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT
trap 'exit 130' INT TERM

# ---- The unpacked packages ----

# Programs of the system come first, libraries of the folder: ours are built against them. PyTorch
# brings its own and runs without (see step_torch).
plain_library_path=${LD_LIBRARY_PATH:-}
if [ -n "$deps" ]; then
    [ -d "$deps/usr/include" ] || die "'$deps' is no unpacked root; bench/gpu.sh --fetch makes one"
    deps=$(cd "$deps" && pwd)
    libraries=$(echo "$deps"/usr/lib/*-linux-gnu)
    headers=$deps/usr/include
    export PATH="$PATH:$deps/usr/bin"
    export LD_LIBRARY_PATH="$libraries${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
    export CPATH="$headers:$headers/${libraries##*/}" LIBRARY_PATH="$libraries"
    export CMAKE_PREFIX_PATH="$deps/usr" CMAKE_INCLUDE_PATH="$headers"
    export CMAKE_LIBRARY_PATH="$libraries" CLBlast_DIR="$libraries/cmake/CLBlast"
    export PKG_CONFIG_SYSROOT_DIR="$deps"
    export PKG_CONFIG_LIBDIR="$libraries/pkgconfig:$deps/usr/share/pkgconfig"
fi

# ---- The driver ----

# The path of NVIDIA's OpenCL library, or nothing.
find_nvidia() {
    {
        ldconfig -p 2>/dev/null | sed -n 's/.*libnvidia-opencl\.so\.1 .*=> //p'
        for folder in $(echo "${LD_LIBRARY_PATH:-}" | tr : ' ') /usr/lib/x86_64-linux-gnu \
            /usr/lib64 /usr/lib/aarch64-linux-gnu /usr/local/nvidia/lib64 /usr/local/nvidia/lib; do
            [ ! -e "$folder/libnvidia-opencl.so.1" ] || echo "$folder/libnvidia-opencl.so.1"
        done
    } | head -n 1
}

# The loader looks in one folder: copies of what is registered go there beside NVIDIA's.
register_nvidia() {
    vendors=${OCL_ICD_VENDORS:-/etc/OpenCL/vendors}
    if [ -f "$vendors" ] || grep -qs nvidia "$vendors"/*.icd; then return; fi
    nvidia=$(find_nvidia)
    [ -n "$nvidia" ] || return 0
    mkdir "$temporary/vendors"
    cp "$vendors"/*.icd "$temporary/vendors" 2>/dev/null || true
    echo "$nvidia" >"$temporary/vendors/nvidia.icd"
    export OCL_ICD_VENDORS="$temporary/vendors"
    echo "driver: $nvidia, registered for this run"
}

# ---- Steps ----

failed=

# run_step NAME WORDS...: says what is done, and how long it took; remembers a failure.
run_step() {
    step=$1
    shift
    began=$(date +%s)
    echo "== $step"
    if "$@"; then
        echo "== $step: done in $(($(date +%s) - began)) s"
    else
        echo "== $step: FAILED after $(($(date +%s) - began)) s" >&2
        failed="$failed $step"
    fi
}

step_build() {
    for program in cmake make cc; do
        command -v $program >/dev/null || die "$program is missing; see --deps in --help"
    done
    tests=ON
    if ! command -v python3 >/dev/null; then
        echo "no python3: built without tests"
        tests=OFF
    fi
    mkdir -p "$build"
    if ! { cmake -S "$root" -B "$build" -DCMAKE_BUILD_TYPE=Release -DCLACT_TESTS=$tests \
        ${commit:+"-DCLACT_COMMIT=$commit"} &&
        cmake --build "$build" --parallel "$(nproc)"; } >"$build/log" 2>&1; then
        tail -n 40 "$build/log" >&2
        echo "the build failed; all of it is in $build/log" >&2
        exit 1
    fi
}

clact() {
    "$build/host/cli/clact" "$@"
}

bench() {
    "$build/bench/clact-bench" ${device:+--device "$device"} "$@"
}

# The value of a text of the context in a JSON file of clact-bench.
fact() {
    sed -n "s/^    \"$1\": \"\\(.*\\)\",\$/\\1/p" "$2"
}

# Opens the device, and names the results by it.
probe() {
    bench --op forward --activation relu --size 1024 --repetitions 1 \
        --json "$temporary/probe.json" >"$temporary/log" 2>&1 || {
        cat "$temporary/log" >&2
        echo "gpu.sh: the device cannot be used" >&2
        exit 1
    }
    echo "device: $(fact device "$temporary/probe.json"), $(fact driver "$temporary/probe.json")"
    if [ -z "$results" ]; then
        results=$root/bench/results/$(for key in device driver commit; do
            fact $key "$temporary/probe.json"
        done | tr -cs 'A-Za-z0-9.\n' _ | sed 's/^_*//; s/_*$//' | paste -sd - -)
    fi
    mkdir -p "$results"
    results=$(cd "$results" && pwd)
    echo "results: $results"
}

# The place of the device in the list of `clact devices`, by which the tests take theirs.
device_index() {
    clact devices --no-self-test --json | awk -v want="$device" '
        /^    "index":/ { gsub(/[^0-9]/, ""); at = $0 }
        want == at || want == "" && /^    "default": true/ { print at; exit }
        want != "" && /^    "name":/ && index(tolower($0), tolower(want)) { print at; exit }'
}

# Where this machine keeps things is nobody's business in the results.
without_folders() {
    sed -e "s|$results/||g" -e "s|$build|build|g" -e "s|$root|clact|g"
}

# But for the tests that have drivers of their own, and what the installed tree is.
step_test() {
    if [ ! -e "$build/tests/CTestTestfile.cmake" ]; then
        echo "skipped: built without tests"
        return
    fi
    export CLACT_TEST_DEVICE
    CLACT_TEST_DEVICE=$(device_index)
    if [ -n "$quick" ]; then
        set -- -R '^test_(device|sums)$'
    else
        set -- -L device -E '^(oclgrind|rusticl|install)$'
    fi
    code=0
    (cd "$build" && ctest --output-on-failure "$@") >"$temporary/tests" 2>&1 || code=1
    without_folders <"$temporary/tests" >"$results/tests.txt"
    if [ $code -ne 0 ]; then
        tail -n 30 "$results/tests.txt" >&2
        return 1
    fi
    grep 'tests passed' "$results/tests.txt"
}

step_tune() {
    if ! clact tune --help >/dev/null 2>&1; then
        echo "skipped: this clact has no command tune"
        return
    fi
    code=0
    clact tune ${quick:+--quick} ${device:+--device "$device"} -o "$results/tuning.json" \
        >"$temporary/tune" 2>&1 || code=1
    without_folders <"$temporary/tune" >"$results/tune.txt"
    [ $code -eq 0 ] || { tail -n 20 "$results/tune.txt" >&2 && return 1; }
}

step_verify() {
    set --
    [ ! -e "$results/tuning.json" ] || set -- --tuning "$results/tuning.json"
    [ -z "$quick" ] || set -- "$@" relu gelu
    clact verify "$@" ${device:+--device "$device"} >"$results/verify.txt" 2>&1 ||
        { grep -v ' ok$' "$results/verify.txt" | tail -n 20 >&2 && return 1; }
    echo "$(grep -c ' ok$' "$results/verify.txt") rows within their bounds"
}

# Which of these operations this clact-bench has, with commas between them.
known_operations() {
    for op in "$@"; do
        bench --list | sed -n 's/^operations://p' | grep -qw "$op" && echo "$op"
    done | paste -sd , -
}

# measure NAME OPTIONS...: into NAME.json, and the table into NAME.txt.
measure() {
    file=$1
    shift
    [ ! -e "$results/tuning.json" ] || set -- "$@" --tuning tuning.json
    (cd "$results" && bench "$@" --json "$file.json") >"$results/$file.txt"
}

step_bench() {
    sizes=2^10,2^12,2^14,2^16,2^18,2^20,2^22,2^24,2^26
    layers=$(known_operations dense train)
    if [ -n "$quick" ]; then
        measure activations --op forward,backward --activation relu,gelu \
            --size 2^10,2^12,2^14 --repetitions 2 &&
            measure sweeps --op sweep --activation relu --pass bias+act,dx+dbias \
                --shape 64x64 --repetitions 2
        return
    fi
    measure activations --op forward,backward --tier both --dtype f32,f16,bf16 \
        --size 2^18,2^24,2^26 &&
        measure sizes --op forward,backward --activation relu,silu,gelu,tanh \
            --size $sizes &&
        measure sweeps --op sweep --dtype f32,f16 || return 1
    [ -z "$layers" ] || measure layers --op "$layers"
}

step_torch() {
    if ! LD_LIBRARY_PATH=$plain_library_path "$python" -c \
        'import torch, sys; sys.exit(not torch.cuda.is_available())' 2>/dev/null; then
        echo "skipped: $python has no PyTorch with CUDA"
        return
    fi
    set -- --compile-time 400
    [ -z "$quick" ] || set -- --activation relu,gelu --size 2^10,2^12 --repetitions 2
    (cd "$results" && LD_LIBRARY_PATH=$plain_library_path "$python" "$root/bench/torch_gpu.py" "$@" \
        --json torch.json) >"$results/torch.txt" 2>&1 ||
        { tail -n 20 "$results/torch.txt" >&2 && return 1; }
}

step_report() {
    (
        cd "$results" || exit 1
        list=
        for name in activations sizes sweeps layers torch; do
            [ ! -e $name.json ] || list=${list:+$list,}$name.json
        done
        [ -n "$list" ] || { echo "there is nothing to report" >&2 && exit 1; }
        "$build/bench/clact-bench" --from "$list" --html report.html --roofline roofline.svg
    )
}

register_nvidia
build=$(mkdir -p "$build" && cd "$build" && pwd)
if wants build; then run_step build step_build; fi
[ -x "$build/bench/clact-bench" ] || die "nothing is built in $build; let the step build run first"
probe
for step in test tune verify bench torch report; do
    if wants $step; then run_step $step step_$step; fi
done
if [ -n "$failed" ]; then
    echo "gpu.sh: failed:$failed" >&2
    exit 1
fi
