"""kill -9 at a random moment under load, many times: every acknowledged command is there, none
twice, the chain verifies. tests/integration/test_kill.py does a few of these."""

import argparse
import asyncio
import os
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--build", required=True)
    arguments.add_argument("--count", type=int, default=200)
    arguments.add_argument("--seed", type=int, default=1)
    options = arguments.parse_args()
    os.environ["NHIPCAU_BUILD"] = str(Path(options.build).resolve())
    sys.path.insert(0, str(ROOT / "tests/integration"))
    from _crash import kill_many  # it reads NHIPCAU_BUILD
    from conftest import Server
    with tempfile.TemporaryDirectory(prefix="nhipcau-bench-") as folder:
        server = Server(folder, {"frames-per-second": 100000, "frames-burst": 100000})
        acknowledged = asyncio.run(kill_many(server, options.count, options.seed))
        server.end()
    print(f"  {len(acknowledged)} kills, {sum(acknowledged)} commands acknowledged, all of them "
          "found once, every chain whole")


if __name__ == "__main__":
    main()
