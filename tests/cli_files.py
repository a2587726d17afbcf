"""clact apply and grad: .npy files that are refused before a device is opened."""
import os
import stat
import unittest

from cli_case import Case, np


class Files(Case):
    """What is refused before a device is opened."""

    def setUp(self):
        super().setUp()
        np.save(self.dy, np.ones((2, 3), np.float32))

    def refuse(self, *says):
        self.bad(1, "apply", "relu", self.input, "-o", self.output, says=(self.input, *says))

    def saved(self, array=None):
        np.save(self.input, np.ones((2, 3), np.float32) if array is None else array)
        with open(self.input, "rb") as file:
            return file.read()

    def header(self, text, data=b"", version=(1, 0)):
        text = text.encode("latin1") + b"\n"
        length = len(text).to_bytes(2 if version[0] == 1 else 4, "little")
        self.write(b"\x93NUMPY" + bytes(version) + length + text + data)

    def test_cut_off_anywhere(self):
        whole = self.saved()
        start = len(whole) - 24
        for length in range(start):
            self.write(whole[:length])
            self.refuse("empty" if length == 0 else "header")
        for length in range(start, len(whole)):
            self.write(whole[:length])
            self.refuse("fewer data", "(2, 3)")

    def test_lengths_count_the_bytes_of_the_type(self):
        for dtype in ("<f2", "<f4", "<f8"):
            whole = self.saved(np.ones((2, 3), dtype))
            self.write(whole + b"\0")
            self.refuse("larger than its header says")
            self.write(whole[:-1])
            self.refuse("fewer data", f"{6 * int(dtype[2])} bytes")

    def test_other_types(self):
        for dtype, says in (("<f16", "float128"), ("<i4", "int32"), ("|b1", "bool"),
                            ("<c8", "complex64"), ("<U3", "'<U3'"), (">i8", "big-endian int64")):
            self.saved(np.zeros((2, 3), dtype))
            self.refuse(says, "float16, float32 and float64", "np.float32")
        for size, says in ((2, "float16"), (4, "float32"), (8, "float64")):
            self.saved(np.zeros((2, 3), f">f{size}"))
            self.refuse(f"big-endian {says}", f"astype('<f{size}')")
        self.saved(np.zeros(3, [("a", "<f4"), ("b", "<f4")]))
        self.refuse("structured")
        np.save(self.input, np.array([{}, 1], object), allow_pickle=True)
        self.refuse("'|O'")

    def test_one_dimension_in_fortran_order_is_the_same(self):
        header = "{'descr': '<f4', 'fortran_order': True, 'shape': (3,)}"
        self.header(header, np.array([-1, 0, 2], "<f4").tobytes())
        self.good("apply", "relu", self.input, "-o", self.output)
        self.assertEqual(np.load(self.output).tolist(), [0, 0, 2])

    def test_fortran_order(self):
        self.saved(np.asfortranarray(np.ones((2, 3), np.float32)))
        self.refuse("Fortran", "np.ascontiguousarray")

    def test_no_npy_at_all(self):
        self.write(b"PK\x03\x04 a zip archive")
        self.refuse("not a .npy file")
        for version in ((0, 1), (1, 1), (4, 0), (255, 255)):
            self.header("{}", version=version)
            self.refuse("version %d.%d" % version)
        self.write(b"\x93NUMPY\x02\x00\xff\xff\xff\xff{")
        self.refuse("4294967295 bytes")

    def test_damaged_headers(self):
        rest = "'descr': '<f4', 'fortran_order': False"
        for text in ("", "{", "{}", "[1]", "nonsense", "\0\0\0", "{" + rest + "}",
                     "{" + rest + ", 'shape': (3)}", "{" + rest + ", 'shape': 3}",
                     "{" + rest + ", 'shape': (-3,)}", "{" + rest + ", 'shape': (3.0,)}",
                     "{" + rest + ", 'shape': (3,,)}", "{" + rest + ", 'shape': (3,)",
                     "{" + rest + ", 'shape': (3,)} x", "{" + rest + ", 'shape': (3,), 'x': 1}",
                     "{" + rest + ", 'shape': (3,), 'shape': (3,)}",
                     "{'descr': '\\x3cf4', 'fortran_order': False, 'shape': (3,)}",
                     "{'descr': '<f4', 'fortran_order': 0, 'shape': (3,)}", "(" * 60000):
            self.header(text, b"\0" * 12)
            self.refuse("header that cannot be understood")

    def test_shapes_too_large(self):
        rest = "{'descr': '<f4', 'fortran_order': False, 'shape': "
        for shape in ("(18446744073709551616,)", "(9223372036854775807,)", "(4611686018427387904,)",
                      "(4294967296, 4294967296)", "(4294967296, 4294967296, 0)",
                      "(99999999999999999999999999999999999,)"):
            self.header(rest + shape + "}")
            self.refuse("more elements")
        self.header(rest + "(1152921504606846976,)}")
        self.refuse("fewer data")
        self.header(rest.replace("f4", "f8") + "(1152921504606846976,)}")
        self.refuse("more elements")
        self.header(rest + "(" + "1," * 33 + ")}", b"\0" * 4)
        self.refuse("32 dimensions")

    def test_missing_files_and_folders(self):
        self.refuse("No such file")
        os.mkdir(self.input)
        self.refuse("directory")

    def test_second_input_is_checked_as_the_first(self):
        np.save(self.input, np.ones((3, 2), np.float32))
        arguments = ["grad", "relu", self.input, "--dy", self.dy, "-o", self.output]
        self.bad(1, *arguments, says=("(3, 2)", "(2, 3)", self.input, self.dy))
        self.write(b"garbage", self.dy)
        self.bad(1, *arguments, says=(self.dy, "not a .npy file"))

    def test_impossible_outputs(self):
        self.saved()
        for output, says in ((self.folder, "directory"), (self.path("no/out.npy"), "folder"),
                             (self.path("x.npy/out.npy"), "Not a directory"),
                             ("", "'' is not the name"), (self.path("new/"), "name")):
            self.bad(1, "apply", "relu", self.input, "-o", output, says=(output, says))

    @unittest.skipIf(os.geteuid() == 0, "root may write everywhere")
    def test_write_protected_outputs(self):
        self.saved()
        self.write(b"kept", self.output)
        os.chmod(self.output, stat.S_IRUSR)
        self.bad(1, "apply", "relu", self.input, "-o", self.output, says="Permission denied")
        os.mkdir(self.path("locked"), stat.S_IRUSR | stat.S_IXUSR)
        self.bad(1, "apply", "relu", self.input, "-o", self.path("locked/out.npy"),
                 says="Permission denied")

    def test_existing_output_outlives_a_failure(self):
        self.write(b"kept", self.output)
        self.write(b"garbage")
        self.refuse("not a .npy file")
        self.bad(2, "apply", "relu", self.input, "-o", self.output, "--param", "a=1")
        with open(self.output, "rb") as file:
            self.assertEqual(file.read(), b"kept")
