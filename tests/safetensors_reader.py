"""safetensors_reader.py: an independent reader of .safetensors files, for tests.

read(path) gives (metadata, {name: numpy array}); it raises ValueError for what is no good file. As a
program it reads the files it is given and prints what is in them. bfloat16 comes back as float32, and
8-bit floats as their bytes, since numpy has neither.
"""

import json
import struct
import sys

import numpy as np

TYPES = {"BOOL": "?", "U8": "u1", "I8": "i1", "U16": "<u2", "I16": "<i2", "U32": "<u4", "I32": "<i4",
         "U64": "<u8", "I64": "<i8", "F16": "<f2", "F32": "<f4", "F64": "<f8", "BF16": "<u2",
         "F8_E5M2": "u1", "F8_E4M3": "u1"}


def unique(pairs):
    keys = [key for key, _ in pairs]
    if len(set(keys)) != len(keys):
        raise ValueError("a name stands twice")
    return dict(pairs)


def array_of(name, entry, data):
    begin, end = entry["data_offsets"]
    shape, dtype = tuple(entry["shape"]), np.dtype(TYPES[entry["dtype"]])
    count = 1
    for extent in shape:
        count *= extent
    if not 0 <= begin <= end <= len(data) or end - begin != count * dtype.itemsize:
        raise ValueError(f"{name}: {begin} to {end} for {shape} of {entry['dtype']}")
    array = np.frombuffer(data[begin:end], dtype).reshape(shape)
    if entry["dtype"] == "BF16":
        return (array.astype(np.uint32) << 16).view(np.float32)
    return array


def read(path):
    with open(path, "rb") as file:
        whole = file.read()
    (length,) = struct.unpack("<Q", whole[:8])
    if length > len(whole) - 8 or whole[8:9] != b"{":
        raise ValueError(f"a header of {length} bytes")
    header = json.loads(whole[8 : 8 + length].decode(), object_pairs_hook=unique)
    metadata = header.pop("__metadata__", {})
    if not all(isinstance(text, str) for text in metadata.values()):
        raise ValueError("metadata that is no text")
    data = whole[8 + length :]
    at = 0
    for begin, end in sorted(entry["data_offsets"] for entry in header.values()):
        if begin != at:
            raise ValueError(f"data from {begin} where {at} was the end")
        at = end
    if at != len(data):
        raise ValueError(f"{len(data) - at} bytes too many")
    return metadata, {name: array_of(name, entry, data) for name, entry in header.items()}


def main(paths):
    for path in paths:
        metadata, arrays = read(path)
        print(path, metadata)
        for name, array in arrays.items():
            print(f"  {name}: {array.dtype}{list(array.shape)}")


if __name__ == "__main__":
    main(sys.argv[1:])
