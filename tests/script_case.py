"""How scripts of unittest cases end for ctest."""

import sys
import unittest


def main():
    """Runs the cases of the script itself; exits with 1 if one fails, 77 (skipped) if there is no
    OpenCL device for one."""
    result = unittest.main(exit=False).result
    if not result.wasSuccessful():
        sys.exit(1)
    if any("no OpenCL device" in reason for _, reason in result.skipped):
        sys.exit(77)
