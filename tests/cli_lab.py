"""clact lab: its command line, and where a report goes; what reports say is tested elsewhere."""
import json
import os
import shutil
import unittest

from cli_case import Case, DeviceCase

NAMES = ["vanishing", "saturation", "dying", "zigzag", "neuron", "identities"]


class LabUsage(Case):
    """What is refused before a device is opened, and help."""

    def test_list_and_help(self):
        listed = self.good("lab", "--list")
        self.assertEqual([line.split()[0] for line in listed.splitlines()], NAMES)
        self.assertIn(listed, self.good("lab", "--help"))

    def test_words(self):
        for says, arguments in (
                ("which experiment", []), ("'vanishing'", ["vanishin"]),
                (("'xyzzy'", "identities"), ["xyzzy"]), ("not 'zigzag'", ["neuron", "zigzag"]),
                ("unknown option", ["neuron", "--sed", "1"]), ("needs a value", ["neuron", "-o"])):
            self.bad(2, "lab", *arguments, says=says)

    def test_seeds(self):
        for seed in ("", "-1", "1.5", "x", "1 ", "+1", "0x10", str(2**63), str(2**64), "9" * 30):
            self.bad(2, "lab", "neuron", "--seed", seed,
                     says=("--seed", f"'{seed}'", str(2**63 - 1)))

    def test_where_it_goes(self):
        self.bad(2, "lab", "neuron", "--keep", says=("--keep", "-o"))
        self.bad(2, "lab", "neuron", "--text", "--json", "-", says=("--text", "--json -"))
        self.bad(1, "lab", "neuron", "--json", self.path("no/report.json"), says="no folder")
        self.bad(1, "lab", "neuron", "-o", self.path("figure.jpg"), says=".svg, .png or .pdf")


class LabRuns(DeviceCase):
    def test_text_and_json(self):
        path = self.path("report.json")
        text = self.good("lab", "neuron", "--text", "--json", path, "--seed", 2**63 - 1)
        self.assertIn("* held out", text)  # the legend of a panel in characters
        self.assertLess(max(map(len, text.splitlines())), 81)
        with open(path, encoding="utf-8") as file:
            report = json.load(file)
        self.assertEqual((report["experiment"], report["seed"]), ("neuron", 2**63 - 1))
        words = " ".join(text.split())
        for sentence in report["sentences"]:
            self.assertIn(sentence, words)

    @unittest.skipUnless(shutil.which("gnuplot"), "no gnuplot")
    def test_picture_with_script_and_data(self):
        out = self.good("lab", "neuron", "-o", "n.png", "--keep", cwd=self.folder)
        self.assertTrue(out.endswith("\nwrote n.png, n.gp and n.tsv\n"), out[-80:])
        self.no_leftovers("n.gp", "n.png", "n.tsv")
        out = self.good("lab", "neuron", "-o", "n.png", cwd=self.folder)
        self.assertTrue(out.endswith("\nwrote n.png\n"), out[-80:])

    def test_full_standard_output_is_a_failure(self):
        with open("/dev/full", "w", encoding="ascii") as full:
            self.bad(1, "lab", "neuron", "--json", "-", says="standard output", stdout=full)

    def test_json_that_cannot_be_written(self):
        os.mkdir(self.path("report.json"))
        self.bad(1, "lab", "neuron", "--json", self.path("report.json"), says="directory")
