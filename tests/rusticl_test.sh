#!/bin/sh
# rusticl_test.sh BUILD_DIR LIBCLC_MODULE [full]: device tests on Mesa's llvmpipe, a second
# compiler and a device without fma or promised subnormals. Takes Mesa from CLACT_RUSTICL_ROOT, where
# rusticl_fetch.sh has unpacked it, or as installed; exits with 77 where it is not.
#
# llvmpipe takes seconds to compile a long kernel, and the more lanes the longer, so all
# rows are run with one lane, in float32; `full` has other types and more lanes. Mesa keeps what it compiled in the build tree.
set -u
build=$1 module=$2 mode=${3:-}
root=${CLACT_RUSTICL_ROOT:-}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/vendors"

if [ -n "$root" ]; then
    library=$(find "$root" -name 'libRusticlOpenCL.so.1' | head -n 1)
    if [ -z "$library" ]; then
        echo "skipped: there is no rusticl in $root"
        exit 77
    fi
    LD_LIBRARY_PATH=$(dirname "$library")${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
    export LD_LIBRARY_PATH
    echo "$library" >"$work/vendors/rusticl.icd"
elif [ -e /etc/OpenCL/vendors/rusticl.icd ]; then
    cp /etc/OpenCL/vendors/rusticl.icd "$work/vendors"
    module=
else
    echo "skipped: Mesa's rusticl is not installed; 'tests/run.sh --rusticl' unpacks it aside"
    exit 77
fi
export OCL_ICD_VENDORS="$work/vendors" RUSTICL_ENABLE=llvmpipe CLACT_TEST_DEVICE=0
export MESA_SHADER_CACHE_DIR="$build/rusticl_cache"
mkdir -p "$MESA_SHADER_CACHE_DIR"

failed=0
check() { # vector width, program and arguments
    CLACT_TEST_WIDTH=$1 program=$2
    export CLACT_TEST_WIDTH
    shift 2
    start=$(date +%s)
    LD_PRELOAD=$module "$build/tests/$program" "$@" >"$work/out" 2>&1
    status=$?
    if ! grep -q '^device llvmpipe' "$work/out"; then
        echo "no llvmpipe here:"
        cat "$work/out"
        exit 1
    fi
    if [ $status -ne 0 ]; then
        echo "on llvmpipe at width $CLACT_TEST_WIDTH, $program $* exits with $status; it says:"
        grep -v 'OK \|RUN ' "$work/out" | head -n 40
        failed=1
        return
    fi
    echo "width $CLACT_TEST_WIDTH, $program $*: $(grep PASSED "$work/out"), $(($(date +%s) - start)) s"
    grep '^left out' "$work/out"
}

check 1 test_device some
check 4 test_storage
for program in test_philox test_sums test_warm_up; do
    check 1 $program
done
check 1 test_training_ops small
check 1 test_optimizers small
check 4 test_optimizers small
for row in relu hardtanh square; do
    check 4 test_device some $row
    check 16 test_device_types some f16 $row
    check 8 test_device_types some bf16 $row
done
if [ "$mode" = full ]; then
    check 1 test_device_types some f16
    check 1 test_device_types some bf16
    check 2 test_device some
    check 4 test_device some
fi
exit $failed
