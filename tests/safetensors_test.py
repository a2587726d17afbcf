"""safetensors_test.py: files of one program are read by another, both ways.

SAFETENSORS is the path of test_safetensors, which writes and reads a file of known tensors. The
other program is safetensors_reader.py, and the package safetensors where Python has it.
"""

import json
import os
import struct
import subprocess
import tempfile
import unittest

import numpy as np
from safetensors_reader import read

try:
    import safetensors.numpy as package
except ImportError:
    package = None

PROGRAM = os.environ["SAFETENSORS"]
METADATA = {"format": "clact", "classes": '["a","ö"]', "": ""}
TENSORS = {
    "bytes": np.array([1, 0, 255], "u1"),
    "layer.0.weight": np.array([[1.5, -2, 0], [-0.0, 3e38, 1e-45]], "<f4"),
    "half": np.array([1, -65504], "<f2"),
    "empty": np.zeros((4, 0, 2), "<f4"),
    "step": np.array(-5, "<i8"),
    'mean "ä"': np.array([[0.1, -7e300]], "<f8"),
}
NAMES = {"u1": "U8", "f4": "F32", "f2": "F16", "i8": "I64", "f8": "F64"}


class Files(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = os.path.join(folder.name, "t.safetensors")

    def run_program(self, verb):
        run = subprocess.run([PROGRAM, verb, self.path], capture_output=True, text=True)
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)

    def check(self, arrays):
        self.assertEqual(set(arrays), set(TENSORS))
        for name, array in TENSORS.items():
            self.assertEqual(arrays[name].dtype, array.dtype, name)
            self.assertEqual(arrays[name].shape, array.shape, name)
            self.assertEqual(arrays[name].tobytes(), array.tobytes(), name)

    def test_reader_reads_what_the_program_writes(self):
        self.run_program("write")
        metadata, arrays = read(self.path)
        self.assertEqual(metadata, METADATA)
        self.check(arrays)

    def test_program_reads_what_is_written_by_hand(self):
        header, data = {"__metadata__": METADATA}, b""
        for name, array in TENSORS.items():  # in any order, so with odd places
            header[name] = {"shape": list(array.shape), "dtype": NAMES[array.dtype.str[1:]],
                            "data_offsets": [len(data), len(data) + array.nbytes]}
            data += array.tobytes()
        text = json.dumps(header, indent=1).encode()
        with open(self.path, "wb") as file:
            file.write(struct.pack("<Q", len(text)) + text + data)
        self.run_program("read")

    def test_reader_refuses_what_is_no_good_file(self):
        self.run_program("write")
        with open(self.path, "rb") as file:
            whole = file.read()
        for damaged in (whole[:-1], whole + b"\0", whole.replace(b'"F64"', b'"F32"')):
            with open(self.path, "wb") as file:
                file.write(damaged)
            with self.assertRaises(ValueError):
                read(self.path)

    @unittest.skipUnless(package, "Python has no package safetensors")
    def test_package_reads_and_is_read(self):
        self.run_program("write")
        self.check(package.load_file(self.path))
        package.save_file(TENSORS, self.path, METADATA)
        self.run_program("read")


if __name__ == "__main__":
    unittest.main(verbosity=1)
