#!/bin/sh
# rusticl_fetch.sh FOLDER: downloads Mesa's OpenCL driver with what it needs and is not installed, and
# unpacks all of it into FOLDER. Installs nothing, so the devices of the system stay as they are, and
# needs no root. Costs nothing when it is there.
set -eu
folder=$1
[ -e "$folder/complete" ] && exit 0

if ! command -v apt-get >/dev/null 2>&1 || ! command -v dpkg-deb >/dev/null 2>&1; then
    echo "rusticl: this is no Debian system; install Mesa's OpenCL driver by other means" >&2
    exit 1
fi
echo "rusticl: downloading mesa-opencl-icd and what it needs into $folder"
mkdir -p "$folder/packages/partial"
if ! apt-get install --download-only --assume-yes --no-install-recommends --reinstall \
    -o "Dir::Cache::archives=$folder/packages" -o Debug::NoLocking=true mesa-opencl-icd \
    >"$folder/log" 2>&1; then
    tail -n 5 "$folder/log" >&2
    echo "rusticl: the packages could not be downloaded; 'apt-get update', as root, may help" >&2
    exit 1
fi
for package in "$folder"/packages/*.deb; do
    dpkg-deb --extract "$package" "$folder"
done
rm -r "$folder/packages"
touch "$folder/complete"
