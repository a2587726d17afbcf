#!/usr/bin/env python3
"""End-to-end test of the program clact; the tests of its commands stand in the other cli_*.py.

Environment: CLACT, path of the program. Results are read with NumPy and compared with formulas
written in the tests; nothing of clact's own code is used. Exit code 77 (skipped) without NumPy.
Arguments choose tests, such as Apply or List.test_text_is_one_line_a_row.
"""
import unittest

from cli_apply import Apply
from cli_cache import Cache
from cli_files import Files
from cli_lab import LabRuns, LabUsage
from cli_list import Devices, List
from cli_tune import Tune
from cli_types import Types, Words
from cli_usage import NoDevice, Usage

__all__ = ["Apply", "Cache", "Devices", "Files", "LabRuns", "LabUsage", "List", "NoDevice", "Tune",
           "Types", "Usage", "Words"]

if __name__ == "__main__":
    unittest.main()
