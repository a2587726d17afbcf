# packages.sh: the Debian packages clact builds and runs with; sourced by the run scripts.
# shellcheck shell=sh disable=SC2034
build_packages="gcc g++ make cmake pkg-config ocl-icd-opencl-dev opencl-headers pocl-opencl-icd
    libclblast-dev libjansson-dev libcsv-dev libmpfr-dev libgmp-dev"
# the peers that clact-bench measures beside; it builds without them
bench_packages="libdnnl-dev libopenblas-dev"
test_packages="libcmocka-dev oclgrind python3 python3-numpy gnuplot-nox"
