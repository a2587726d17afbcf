"""clact: help, words it does not know, no device, a full disk."""
import os
import unittest

from cli_case import COMMANDS, Case, np, run


class Usage(Case):
    def test_help_of_everything_is_on_stdout(self):
        for arguments in (["--help"], ["-h"], ["help"], *(["help", c] for c in COMMANDS),
                          *([c, "--help"] for c in COMMANDS)):
            text = self.good(*arguments)
            self.assertIn("usage: clact", text, arguments)
            self.assertLessEqual(max(map(len, text.splitlines())), 100, arguments)
        overview = self.good("--help")
        for command in COMMANDS:
            self.assertRegex(overview, rf"(?m)^  {command} +\S")

    def test_version(self):
        self.assertRegex(self.good("--version"), r"^clact \d+\.\d+\.\d+\n$")

    def test_no_command_is_wrong_usage(self):
        done = run()
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn("usage: clact", done.stderr)

    def test_unknown_words_are_wrong_usage_with_a_suggestion(self):
        self.bad(2, "aply", says="'apply'")
        self.bad(2, "xyzzy", says="clact --help")
        self.bad(2, "--frobnicate", says="--frobnicate")
        self.bad(2, "help", "lits", says="'list'")
        self.bad(2, "list", "sigmod", says="'sigmoid'")
        self.bad(2, "list", "heavyside", says="'step'")
        self.bad(2, "devices", "0", says="'0'")
        for command in COMMANDS[:5]:
            self.bad(2, command, "--frobnicate", says=("--frobnicate", f"clact {command} --help"))
            self.bad(2, command, "-Z", says="-Z")

    def test_wrong_command_lines_of_apply_and_grad(self):
        x, dy, out = self.input, self.dy, self.output
        np.save(x, np.ones(3, np.float32))
        np.save(dy, np.ones(3, np.float32))
        for says, arguments in (
                ("activation", ["apply"]),
                ("input", ["apply", "relu"]),
                ("-o", ["apply", "relu", x]),
                ("value", ["apply", "relu", x, "-o"]),
                ("no value", ["apply", "relu", x, "-o", out, "--verbose=1"]),
                ("too many", ["apply", "relu", x, out, "-o", out]),
                ("'gelu'", ["apply", "gleu", x, "-o", out]),
                ("--dy", ["apply", "relu", x, "-o", out, "--dy", dy]),
                ("--dy", ["grad", "relu", x, "-o", out]),
                ("-o", ["grad", "relu", x, "--dy", dy]),
                ("'z'", ["grad", "relu", x, "--dy", dy, "-o", out, "--saved", "z"])):
            self.bad(2, *arguments, says=says)

    def test_parameters_are_checked_before_anything_is_read(self):
        for says, name, setting in (
                ("no parameters", "relu", "slope=1"),
                ("it has scale", "sigmoid", "alpha=1"),
                ("it has alpha and beta", "tanh", "gamma=1"),
                ("it has scale", "sigmoid", "sca=1"),
                ("scale=NUMBER", "sigmoid", "scale"),
                ("must be a number", "sigmoid", "scale="),
                ("must be a number", "sigmoid", "scale= 1"),
                ("must be a number", "sigmoid", "scale=1 "),
                ("must be a number", "sigmoid", "scale=1x"),
                ("must be a number", "sigmoid", "scale=nan"),
                ("must be a number", "sigmoid", "scale=inf"),
                ("must be a number", "sigmoid", "scale=1e99"),
                ("between 1e-06 and 1e+06", "sigmoid", "scale=0"),
                ("between 1e-06 and 1e+06", "sigmoid", "scale=-1"),
                ("between -1e+06 and 1e+06", "leaky_relu", "slope=2e6"),
                ("min = 2 and max = 1", "hardtanh", "min=2")):
            self.bad(2, "apply", name, self.path("absent.npy"), "-o", self.output, "--param",
                     setting, says=says)

    def test_saved_output_is_refused_where_it_would_be_wrong(self):
        arguments = [self.path("absent.npy"), "--dy", self.dy, "-o", self.output, "--saved", "y"]
        self.bad(2, "grad", "leaky_relu", *arguments, "--param", "slope=-0.5",
                 says=("slope = -0.5", "save x"))
        self.bad(2, "grad", "gelu", *arguments, says=("gelu", "save x"))

    def test_full_standard_output_is_a_failure(self):
        for arguments in (["--help"], ["--version"], ["list"], ["list", "--json"],
                          ["list", "gelu"], ["apply", "--help"]):
            with open("/dev/full", "w", encoding="ascii") as full:
                self.bad(1, *arguments, says="standard output", stdout=full)


class NoDevice(Case):
    def test_advice(self):
        np.save(self.input, np.ones(3, np.float32))
        environment = {**os.environ, "OCL_ICD_VENDORS": self.folder + "/"}
        for arguments in (["devices"], ["devices", "--json"],
                          ["apply", "relu", self.input, "-o", self.output]):
            self.bad(1, *arguments, says=("no OpenCL device", "pocl-opencl-icd"), env=environment)
