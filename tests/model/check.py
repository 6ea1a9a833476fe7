"""Checks every property of a Promela model in all its states, by spin; one TAP line for each.

    check.py MODEL [-DNAME=VALUE...]
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path


def run(*words, **options):
    return subprocess.run(words, capture_output=True, text=True, check=False, **options)


def check(model, name, folder, definitions):
    """What is wrong; None if nothing is."""
    made = run("spin", *definitions, "-a", str(model), cwd=folder)
    if made.returncode != 0:
        return made.stdout + made.stderr
    # Fairness and rendezvous forbid partial-order reduction.
    built = run("cc", "-O2", "-w", "-DNFAIR=6", "-DNOREDUCE", "-o", "pan", "pan.c", cwd=folder)
    if built.returncode != 0:
        return built.stderr
    # Acceptance cycles, weakly fair: a process that can always go on does.
    done = run("./pan", "-a", "-f", "-m1000000", "-N", name, cwd=folder)
    errors = re.search(r"errors: (\d+)", done.stdout)
    states = re.search(r"(\d+) states, stored", done.stdout)
    if errors is None or errors[1] != "0" or "max search depth too small" in done.stdout:
        return done.stdout + done.stderr
    print(f"# {name}: {states[1] if states else '?'} states")
    return None


def main():
    model = Path(sys.argv[1]).resolve()
    names = re.findall(r"^ltl (\w+)", model.read_text(encoding="utf-8"), re.MULTILINE)
    print(f"1..{len(names)}")
    for number, name in enumerate(names, 1):
        with tempfile.TemporaryDirectory(prefix="nhipcau-model-") as folder:
            wrong = check(model, name, folder, sys.argv[2:])
        print(f"{'not ok' if wrong else 'ok'} {number} {model.stem}/{name}", flush=True)
        for line in (wrong or "").splitlines():
            print("#", line)


main()
