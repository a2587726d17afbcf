"""clact tune: what it measures is kept, and used; what cannot be used is a warning."""
import json
import os

from cli_case import DeviceCase, np, run

PARTS = ["forward", "backward", "sums", "columns", "rows", "short_rows", "fetch_rows",
         "stream_bytes"]


class Tune(DeviceCase):
    """Each test has a folder for tunings of its own; compiled kernels stay where they were."""

    def setUp(self):
        super().setUp()
        home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
        self.env = {"POCL_CACHE_DIR": os.path.join(home, "pocl", "kcache"), **os.environ,
                    "XDG_CACHE_HOME": self.path("xdg")}
        self.tunings = self.path("xdg/clact/tuning")
        np.save(self.input, np.array([-1, 2], np.float32))

    def tune(self, *options):
        done = run("tune", "--quick", "--size", 65536, *options, env=self.env)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done

    def relu(self, *options, warns=""):
        done = run("apply", "relu", self.input, "-o", self.output, *options, env=self.env)
        self.assertEqual((done.returncode, done.stdout), (0, ""), done.stderr)
        np.testing.assert_array_equal(self.read(), np.float32([0, 2]))
        if not warns:
            self.assertEqual(done.stderr, "")
        else:
            self.assertRegex(done.stderr, "^warning: .*" + warns + ".*\n$")

    def shown(self, *options):
        return json.loads(self.good("tune", "--show", "--json", *options, env=self.env))

    def test_what_it_finds_is_kept_and_used(self):
        facts = self.shown()
        self.assertIsNone(facts["file"])
        self.assertEqual([part["part"] for part in facts["parts"]], PARTS)
        for part in facts["parts"]:
            self.assertEqual(part["default"], part["in_use"])
        done = self.tune("--families", "columns,fetch_rows", "--json")
        facts = json.loads(done.stdout)
        lines = done.stderr.splitlines()
        self.assertGreater(len(lines), 2)
        for line in lines:
            self.assertRegex(line, r"^ *\d+/\d+  (columns|fetch_rows) ")
        [name] = os.listdir(self.tunings)
        self.assertEqual(facts["file"], os.path.join(self.tunings, name))
        for part in facts["parts"]:
            self.assertLessEqual(part["time"], 1)
            if part["time"] == 1:
                self.assertEqual(part["default"], part["in_use"])
        again = self.shown()
        self.assertEqual([part["in_use"] for part in again["parts"]],
                         [part["in_use"] for part in facts["parts"]])
        self.relu()

    def edit(self, text):
        [name] = os.listdir(self.tunings)
        with open(os.path.join(self.tunings, name), "r+", encoding="utf-8") as file:
            old = file.read()
            file.seek(0)
            file.truncate()
            file.write(text(old))
        return os.path.join(self.tunings, name)

    def test_a_file_that_cannot_be_used_is_one_warning(self):
        self.tune("--families", "stream_bytes")
        self.relu()
        path = self.edit(lambda old: old.replace('"driver": "', '"driver": "other '))
        self.relu(warns="with driver other")
        self.relu("--tuning", "none")
        self.assertIsNone(json.loads(run("tune", "--show", "--json", env=self.env).stdout)["file"])
        self.edit(lambda old: old[:50])
        self.relu(warns="is not used: line")
        self.relu("--tuning", path, warns="is not used: line")
        done = self.tune("--families", "stream_bytes")
        self.assertIn("warning: ", done.stderr)
        self.relu()

    def test_a_file_that_is_named_must_be_there(self):
        np.save(self.output, np.zeros(1))
        self.bad(1, "apply", "relu", self.input, "-o", self.output, "--tuning",
                 self.path("none.json"), says=["none.json has no tuning", "clact tune -o"])

    def test_parts_that_are_not_measured_stay(self):
        path = self.path("t.json")
        self.tune("--families", "stream_bytes", "-o", path)
        with open(path, "r+", encoding="utf-8") as file:
            facts = json.load(file)
            facts["sections"]["kernels"]["families"]["rows"] = {"width": 2}
            facts["sections"]["gemm"] = {"kept": True}
            file.seek(0)
            file.truncate()
            json.dump(facts, file)
        before = self.shown("-o", path)["parts"][PARTS.index("rows")]
        self.assertEqual(before["in_use"], {**before["default"], "width": 2})
        self.tune("--families", "stream_bytes", "-o", path)
        self.assertEqual(self.shown("-o", path)["parts"][PARTS.index("rows")], before)
        with open(path, encoding="utf-8") as file:
            self.assertEqual(json.load(file)["sections"]["gemm"], {"kept": True})
        self.assertFalse(os.path.exists(self.tunings))
        self.relu("--tuning", path)

    def test_gemm_says_what_is_in_use(self):
        facts = json.loads(self.good("tune", "--gemm", "--show", "--json", env=self.env))
        self.assertIsNone(facts["file"])
        self.assertIsNone(facts["time"])
        self.assertIn(facts["in_use"], ["what ships", "CLBlast's own"])
        if facts["in_use"] == "what ships":
            self.assertEqual(len(facts["gemm"]["Xgemm"]), 16)
            self.assertIn("MWG", self.good("tune", "--gemm", "--show", env=self.env))
        else:
            self.assertIsNone(facts["gemm"])

    def test_mistakes_are_said(self):
        self.bad(2, "tune", "--gemm", "--quick", says="--gemm goes without --quick")
        self.bad(2, "tune", "--families", "colums", says="did you mean 'columns'?")
        self.bad(2, "tune", "--families", "", says="there is no part ''")
        self.bad(2, "tune", "--size", "many", says="--size")
        self.bad(2, "tune", "all", says="takes no argument")
        os.mkdir(self.path("folder"))
        self.bad(1, "tune", "--show", "--device", "none such", says="no device has")
