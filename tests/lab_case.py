"""What the tests of `clact lab` share: an experiment's runs, and what all of them hand out.

Exit code 77 (skipped) without NumPy.
"""
import json
import os
import shutil
import tempfile
import unittest

from cli_case import run


def experiment(name, *options, **more):
    """One good run; its standard output."""
    # to keep its kernels it would have PoCL compile them once more
    done = run("lab", name, "--no-cache", *options, **more)
    if (done.returncode, done.stderr) != (0, ""):
        raise AssertionError(f"clact lab {name} {options}: {done.stderr}")
    return done.stdout


class LabCase:
    """An experiment with some seeds, each run once; beside Case. `name` and what it should have are
    the subclass's: rows of tables, labels in the picture, `words` facts that say which words were
    chosen, with 1 for those that are expected of every seed."""

    name, seeds, tables, labels, words = None, (1, 2), {}, (), {}

    @classmethod
    def setUpClass(cls):
        folder = tempfile.mkdtemp(prefix="clact-test-")
        cls.addClassCleanup(shutil.rmtree, folder)
        whole, cls.picture = (os.path.join(folder, name) for name in ("report.json", "picture.svg"))
        drawn = ("-o", cls.picture) if shutil.which("gnuplot") else ()
        cls.text = experiment(cls.name, "--json", whole, *drawn)
        with open(whole, encoding="utf-8") as file:
            cls.json_text = file.read()
        others = {seed: experiment(cls.name, "--seed", seed, "--json", "-")
                  for seed in cls.seeds[1:]}
        cls.reports = {seed: json.loads(text)
                       for seed, text in {1: cls.json_text, **others}.items()}

    def test_report_is_whole(self):
        report = self.reports[1]
        self.assertEqual((report["experiment"], report["seed"]), (self.name, 1))
        for table, rows in self.tables.items():
            self.assertEqual(len(report[table]), rows, table)
        self.assertGreaterEqual(len(report["sentences"]), 2)

    def test_text_has_the_sentences(self):
        words = " ".join(self.text.split())
        for sentence in self.reports[1]["sentences"]:
            self.assertIn(sentence, words)
        self.assertLessEqual(max(map(len, self.text.splitlines()[1:])), 80)

    def test_chosen_words(self):
        for seed, report in self.reports.items():
            with self.subTest(seed=seed):
                self.assertEqual({fact: report["facts"][fact] for fact in self.words}, self.words)
                self.assertNotIn("nan", " ".join(report["sentences"]))

    def test_seed_decides(self):
        self.assertEqual(experiment(self.name, "--seed", 1, "--json", "-"), self.json_text)
        first, second = (dict(self.reports[seed], seed=None) for seed in self.seeds[:2])
        self.assertNotEqual(first, second)

    @unittest.skipUnless(shutil.which("gnuplot"), "no gnuplot")
    def test_picture(self):
        with open(self.picture, encoding="utf-8") as file:
            picture = file.read()
        self.assertIn("</svg>", picture)
        self.assertGreater(picture.count("<path"), 10)
        for label in self.labels:
            self.assertIn(">" + label + "<", picture)
