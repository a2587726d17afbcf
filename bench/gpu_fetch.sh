#!/bin/sh
# gpu_fetch.sh FOLDER [libraries]: downloads the Debian packages that bench/gpu.sh builds with (all but
# the compiler and Python, which the GPU machine must have) and unpacks them into FOLDER, to be carried
# to a machine without packages or network: bench/gpu.sh --deps FOLDER. With `libraries` CMake and make
# stay out, a tenth of the size. Installs nothing, needs no root. Costs nothing when it is there.
set -eu
folder=${1:?usage: gpu_fetch.sh FOLDER [libraries]}
without=${2:+|cmake|make}
[ -e "$folder/complete" ] && exit 0
root=$(cd "$(dirname "$0")/.." && pwd)
. "$root/host/packages.sh"

if ! command -v apt-get >/dev/null 2>&1 || ! command -v dpkg >/dev/null 2>&1; then
    echo "gpu_fetch: this is no Debian system; fetch on one, and carry the folder" >&2
    exit 1
fi

# The device comes with its own driver, and a compiler with its own headers.
# shellcheck disable=SC2086 # a list of words
wanted=$(printf '%s\n' $build_packages $test_packages |
    grep -Ev "^(gcc|g\+\+|pocl.*|oclgrind|python3.*|libdnnl.*|libopenblas.*$without)\$")
# Their libraries with them, but for those that no system is without.
# shellcheck disable=SC2086
packages=$(apt-cache depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks \
    --no-replaces --no-enhances $wanted |
    grep -E '^(lib|cmake|make|pkgconf|pkg-config|ocl-icd|opencl)' | sort -u |
    grep -Ev '^(libc6.*|libcrypt1|libgcc-s1|libstdc\+\+6|libperl.*|lib.*-perl|libelogind.*)$')

echo "gpu_fetch: downloading $(echo "$packages" | wc -l) packages into $folder"
mkdir -p "$folder/packages"
# shellcheck disable=SC2086
if ! (cd "$folder/packages" && apt-get download $packages) >"$folder/log" 2>&1; then
    tail -n 5 "$folder/log" >&2
    echo "gpu_fetch: the packages could not be downloaded; 'apt-get update', as root, may help" >&2
    exit 1
fi
for package in "$folder"/packages/*.deb; do
    dpkg -x "$package" "$folder"
done
rm -r "$folder/packages"
find "$folder" -name '*.a' -exec rm {} +
for unused in "$folder"/usr/share/*; do
    case $unused in
    */cmake-* | */pkgconfig | */aclocal) ;;
    *) rm -r "$unused" ;;
    esac
done
rm -rf "$folder"/usr/share/cmake-*/Help
# CLBlast's package names the loader by the place that an installed one has.
find "$folder/usr" -name 'CLBlastConfig*.cmake' -exec sed -i \
    '/LINK_INTERFACE_LIBRARIES\|INTERFACE_LINK_LIBRARIES/s|/usr/lib/|${_IMPORT_PREFIX}/lib/|g' {} +
touch "$folder/complete"
