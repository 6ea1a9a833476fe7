"""Runs the parts of the tests that are named (unit, media, integration, browser) and closes with
one line, "N passed, N failed", over all of them.

unit         all unit tests and fuzz seeds, under AddressSanitizer and UndefinedBehaviorSanitizer
media        the media path's unit tests under ThreadSanitizer
integration  whole programs over real sockets, under AddressSanitizer
browser      pages in headless Chromium against the plain build
"""

import os
import re
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

SANITIZERS = {
    # GCC 12's leak check crashes on thread-local blocks of libraries loaded later (glib-networking)
    # unless it leaves __tls_get_addr alone.
    "ASAN_OPTIONS": "detect_stack_use_after_return=1:strict_string_checks=1"
                    ":intercept_tls_get_addr=0",
    "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1",
    "TSAN_OPTIONS": f"suppressions={ROOT}/tests/tsan.supp:second_deadlock_stack=1",
    "LSAN_OPTIONS": f"suppressions={ROOT}/tests/lsan.supp:print_suppressions=0",
    # GLib's slices and GStreamer's registry fork confuse leak and race detection.
    "G_SLICE": "always-malloc",
    "GST_REGISTRY_FORK": "no",
}


class Counts:
    def __init__(self):
        self.passed = self.failed = self.skipped = 0

    def add_junit(self, path):
        """Adds what a JUnit file says; false if there is none."""
        try:
            tree = ElementTree.parse(path)
        except (OSError, ElementTree.ParseError):
            return False
        for case in tree.iter("testcase"):
            if case.find("failure") is not None or case.find("error") is not None:
                self.failed += 1
                print(f"FAILED {case.get('classname')} {case.get('name')}")
            elif case.find("skipped") is not None:
                self.skipped += 1
            else:
                self.passed += 1
        return True

    def add_tap(self, text):
        for line in text.splitlines():
            if match := re.match(r"\s*(not )?ok \d+ - .*?(# SKIP.*)?$", line):
                if match[1]:
                    self.failed += 1
                elif match[2]:
                    self.skipped += 1
                else:
                    self.passed += 1


def run(command, build, **options):
    environment = {**os.environ, **SANITIZERS, "NHIPCAU_BUILD": str(ROOT / "build" / build)}
    environment.pop("NHIPCAU_LOG", None)
    return subprocess.run(command, cwd=ROOT, env=environment, check=False, **options)


def meson(counts, build, suites=()):
    """Meson's own JUnit file has one case a TAP line."""
    report = ROOT / "build" / build / "meson-logs" / "testlog.junit.xml"
    report.unlink(missing_ok=True)
    command = ["meson", "test", "-C", f"build/{build}", "--no-rebuild", "--print-errorlogs",
               "--timeout-multiplier", "4"]
    for suite in suites:
        command += ["--suite", suite]
    status = run(command, build).returncode
    before = counts.failed
    if not counts.add_junit(report) or (status != 0 and counts.failed == before):
        counts.failed += 1


def integration(counts, build="asan"):
    report = ROOT / "build" / "integration.junit.xml"
    report.unlink(missing_ok=True)
    status = run(["/usr/bin/python3", "-m", "pytest", "-q", "-p", "no:cacheprovider",
                  f"--junitxml={report}", "tests/integration"], build).returncode
    before = counts.failed
    if not counts.add_junit(report) or (status != 0 and counts.failed == before):
        counts.failed += 1


def browser(counts):
    files = sorted(str(path) for path in (ROOT / "tests/browser").glob("*.test.mjs"))
    done = run(["node", "--test", "--test-reporter=tap", *files], "debug",
               stdout=subprocess.PIPE, text=True)
    print(done.stdout)
    before = counts.failed
    # Only the outermost lines are tests; files and suites would count twice.
    counts.add_tap("\n".join(line for line in done.stdout.splitlines()
                             if re.match(r"(not )?ok ", line)))
    if done.returncode != 0 and counts.failed == before:
        counts.failed += 1


def main():
    parts = {
        "unit": lambda counts: meson(counts, "asan"),
        "media": lambda counts: meson(counts, "tsan", ["media"]),
        "integration": integration,
        "browser": browser,
    }
    counts = Counts()
    for name in sys.argv[1:] or parts:
        started = time.monotonic()
        print(f"== {name}", flush=True)
        parts[name](counts)
        print(f"== {name}: {time.monotonic() - started:.0f} s", flush=True)
    skipped = f", {counts.skipped} skipped" if counts.skipped else ""
    print(f"{counts.passed} passed, {counts.failed} failed{skipped}")
    return 1 if counts.failed or not counts.passed else 0


if __name__ == "__main__":
    sys.exit(main())
