"""clact: the folder of compiled kernels, on by default, and the command that shows and clears it."""
import json
import os
import subprocess

from cli_case import CLACT, DeviceCase, np, run

NOTHING = {"programs": 0, "bytes": 0, "oldest": None, "newest": None, "unusable": 0,
           "leftovers": 0, "foreign": 0}


class Cache(DeviceCase):
    """Each test has a cache folder of its own; PoCL's stays where it was, to save time."""

    def setUp(self):
        super().setUp()
        home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
        self.cache = self.path("xdg/clact")
        self.env = {"POCL_CACHE_DIR": os.path.join(home, "pocl", "kcache"), **os.environ,
                    "XDG_CACHE_HOME": self.path("xdg")}
        np.save(self.input, np.array([-1, 2], np.float32))

    def verbose(self, *options, env=None):
        """What a run says of its programs: (found, wanted), or None; its result is right."""
        done = run("apply", "relu", self.input, "-o", self.output, "-v", *options,
                   env=env or self.env)
        self.assertEqual((done.returncode, done.stdout), (0, ""), done.stderr)
        np.testing.assert_array_equal(self.read(), np.float32([0, 2]))
        said = [line.split() for line in done.stderr.splitlines()]
        self.assertLessEqual({line[0] for line in said},
                             {"device", "kind", "elements", "compile", "cache", "kernel"})
        counts = [(int(line[2]), int(line[4])) for line in said if line[0] == "cache"]
        seconds = [float(line[1]) for line in said if line[0] == "compile"]
        if counts and counts[0][0] == counts[0][1]:
            self.assertEqual(seconds, [0.0])
        return counts[0] if counts else None

    def info(self, env=None):
        facts = json.loads(self.good("cache", "info", "--json", env=env or self.env))
        self.assertEqual(facts.pop("folder"), self.cache)
        return facts

    def files(self):
        return [os.path.join(self.cache, name) for name in sorted(os.listdir(self.cache))]

    def test_second_run_compiles_nothing(self):
        self.assertEqual(self.info(), NOTHING)
        self.assertEqual(self.verbose(), (0, 1))
        before = {path: os.stat(path).st_ino for path in self.files()}
        self.assertEqual(len(before), 3)  # with the self-test of both tiers
        self.assertEqual(self.verbose(), (1, 1))
        self.assertEqual({path: os.stat(path).st_ino for path in self.files()}, before)
        self.assertEqual(os.stat(self.cache).st_mode & 0o777, 0o700)
        for path in before:
            self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)

    def test_no_cache_leaves_the_folder_alone(self):
        data = self.path("data.csv")
        with open(data, "w", encoding="ascii") as file:
            file.write("a,b,label\n" + "".join(f"{i},{-i},{i % 2}\n" for i in range(20)))
        for arguments in (["devices"], ["verify", "relu", "--dtype", "f16", "--tier", "fast"],
                          ["apply", "relu", self.input, "-o", self.output],
                          ["grad", "relu", self.input, "--dy", self.input, "-o", self.output],
                          ["train", "--data", data, "--epochs", "1", "--layers", "2:relu"]):
            self.good(*arguments, "--no-cache", env=self.env)
            self.assertFalse(os.path.exists(self.path("xdg")), arguments)
        self.assertIsNone(self.verbose("--no-cache"))

    def test_every_command_keeps_its_programs(self):
        wanted = 0
        for programs, arguments in (
                (2, ["devices"]),
                (1, ["apply", "relu", self.input, "-o", self.output]),
                (1, ["grad", "relu", self.input, "--dy", self.input, "-o", self.output]),
                (1, ["verify", "relu", "--dtype", "f16", "--tier", "fast"])):
            self.good(*arguments, env=self.env)
            wanted += programs
            self.assertGreaterEqual(self.info()["programs"], wanted, arguments)
            wanted = self.info()["programs"]
            self.good(*arguments, env=self.env)
            self.assertEqual(self.info()["programs"], wanted, arguments)

    def test_damage_is_quietly_repaired(self):
        self.verbose()
        for damage in (lambda data: data[:-1], lambda data: data[:20], lambda data: b"",
                       lambda data: data[:-9] + bytes([data[-9] ^ 4]) + data[-8:],
                       lambda data: bytes([data[0] ^ 1]) + data[1:]):
            for path in self.files():
                with open(path, "rb") as file:
                    data = file.read()
                self.write(damage(data), path)
            facts = self.info()
            self.assertEqual((facts["programs"], facts["unusable"] + facts["foreign"]), (0, 3))
            self.assertEqual(self.verbose(), (0, 1))
            facts = self.info()
            self.assertEqual((facts["programs"], facts["unusable"], facts["foreign"]), (3, 0, 0))
            self.assertEqual(self.verbose(), (1, 1))

    def test_clear_takes_its_own_files_only(self):
        self.assertEqual(self.good("cache", "clear", env=self.env),
                         f"removed 0 files from {self.cache}\n")
        self.verbose()
        notes = os.path.join(self.cache, "notes.txt")
        self.write(b"clactbin", notes)
        text = self.good("cache", "info", env=self.env)
        size = sum(os.path.getsize(path) for path in self.files()) - 8
        self.assertRegex(text, rf"^folder     {self.cache}\nprograms   3, {size / 1024:.1f} KiB\n"
                               r"last used  \d{4}-\d\d-\d\d \d\d:\d\d:\d\d to \d{4}-\d\d-\d\d "
                               r"\d\d:\d\d:\d\d\nforeign    1, not kernels, and never touched\n$")
        facts = self.info()
        self.assertEqual((facts["programs"], facts["bytes"], facts["foreign"]), (3, size, 1))
        self.assertLessEqual(facts["oldest"], facts["newest"])
        self.assertEqual(self.good("cache", "clear", env=self.env),
                         f"removed 3 files from {self.cache}\n")
        self.assertEqual(self.files(), [notes])
        self.assertEqual(self.info(), {**NOTHING, "foreign": 1})

    def test_where_the_folder_is(self):
        home = self.path("home")
        for xdg in ({}, {"XDG_CACHE_HOME": "relative"}, {"XDG_CACHE_HOME": ""}):
            env = {**self.env, "HOME": home}
            del env["XDG_CACHE_HOME"]
            self.assertEqual(self.verbose(env={**env, **xdg}), (1, 1) if xdg else (0, 1))
            self.assertEqual(len(os.listdir(os.path.join(home, ".cache", "clact"))), 3)
        self.assertNotIn("relative", os.listdir("."))

    def test_no_folder_is_no_cache_and_no_noise(self):
        nowhere = {name: value for name, value in self.env.items()
                   if name not in ("HOME", "XDG_CACHE_HOME")}
        self.assertIsNone(self.verbose(env=nowhere))
        for action in ("info", "clear"):
            self.bad(1, "cache", action, env=nowhere, says=("no cache", "XDG_CACHE_HOME", "HOME"))
        for place in ("/dev/null", self.input, "/" + 5000 * "x"):
            env = {**self.env, "XDG_CACHE_HOME": place}
            self.assertIn(self.verbose(env=env), (None, (0, 1)))
        self.bad(1, "cache", "info", says="cannot be read",
                 env={**self.env, "XDG_CACHE_HOME": self.input})

    def test_runs_at_once_share_the_folder(self):
        runs = [subprocess.Popen([CLACT, "apply", "relu", self.input, "-o", self.path(f"{i}.npy")],
                                 env=self.env, stderr=subprocess.PIPE) for i in range(6)]
        for i, one in enumerate(runs):
            self.assertEqual((one.communicate(timeout=300)[1], one.returncode), (b"", 0))
            np.testing.assert_array_equal(self.read(self.path(f"{i}.npy")), np.float32([0, 2]))
        facts = self.info()
        self.assertEqual((facts["programs"], facts["unusable"], facts["leftovers"]), (3, 0, 0))
        self.assertEqual(self.verbose(), (1, 1))

    def test_wrong_words(self):
        self.bad(2, "cache", says=("info", "clear"))
        self.bad(2, "cache", "claer", says=("'claer'", "'clear'"))
        self.bad(2, "cache", "xyzzy", says="info and clear")
        self.bad(2, "cache", "info", "relu", says="'relu'")
        self.bad(2, "cache", "clear", "--json", says="--json")
        self.bad(2, "cahce", says="'cache'")
