"""A nationwide meeting's control plane: 3,400 connected clients, 20 commands a second, a tenth of
the clients reading nothing. How long a command takes to be heard by all, what a client costs, and
how long it takes until everybody is back after the server was killed and all call it at once."""

import argparse
import json
import os
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from _meeting import MEETING, ROOT, COMPLETE, Server, roster, show


def rss_kib(pid):
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise RuntimeError("the server has no VmRSS")


def cpu_seconds(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def return_after_kill(options, server, crowd, log_path):
    """Everybody calls at once, as after a power cut."""
    server.process.kill()
    server.process.wait()
    with open(log_path, "a", encoding="utf-8") as log:
        again = Server(options.build, server.data, ROOT / "build/web", log,
                       server.url.removeprefix("https://"))
    start_cpu = cpu_seconds(again.process.pid)
    crowd.stdin.write("back\n")
    crowd.stdin.flush()
    figures = json.loads(crowd.stdout.readline())
    show(what="all back after a kill", **figures,
         cpu_seconds=round(cpu_seconds(again.process.pid) - start_cpu, 1))
    crowd.stdin.close()
    crowd.wait()
    again.stop()


def measure(options, count, deaf):
    with tempfile.TemporaryDirectory(prefix="nhipcau-bench-") as folder:
        folder = Path(folder)
        log_path = folder / "server.log"
        with open(log_path, "w", encoding="utf-8") as log:
            server = Server(options.build, folder / "data", ROOT / "build/web", log)
        server.sign_in()
        made = server.request("/api/v1/meetings", {
            "meeting": MEETING, **COMPLETE, "title": "Đo tải", "sites": roster(count - 1),
            "recording": False})
        keys = [link["url"].rsplit("/", 1)[1] for link in made["links"] if link["site"]]
        with ThreadPoolExecutor(8) as pool:
            tokens = list(pool.map(
                lambda key: server.request("/api/v1/join", {"key": key})["token"], keys))
        (folder / "tokens").write_text("\n".join(tokens) + "\n")
        pid = server.process.pid
        empty_kib, start_cpu = rss_kib(pid), cpu_seconds(pid)
        crowd = subprocess.Popen(
            [str(Path(options.build) / "tests/bench/crowd"), server.url.rsplit(":", 1)[1],
             str(folder / "tokens"), str(options.seconds), str(options.rate), str(deaf)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        line = crowd.stderr.readline()
        if line != "joined\n":
            raise RuntimeError(f"the crowd did not come in: {line}{crowd.stderr.read()}")
        joined_kib, joined_cpu = rss_kib(pid), cpu_seconds(pid)
        figures = json.loads(crowd.stdout.readline())
        busy_cpu = cpu_seconds(pid) - joined_cpu
        figures.update(
            join_cpu_seconds=round(joined_cpu - start_cpu, 1),
            memory_kib_per_client=round((joined_kib - empty_kib) / count, 1),
            memory_kib_per_client_at_end=round((rss_kib(pid) - empty_kib) / count, 1),
            cpu_percent_of_a_core=round(100 * busy_cpu / (options.seconds + 6), 1))
        show(deaf_percent=deaf, **figures)
        return_after_kill(options, server, crowd, log_path)
        return figures


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--build", required=True)
    arguments.add_argument("--clients", type=int, default=3400)
    arguments.add_argument("--seconds", type=float, default=30)
    arguments.add_argument("--rate", type=int, default=20)
    options = arguments.parse_args()
    all_read = measure(options, options.clients, 0)
    some_deaf = measure(options, options.clients, 10)
    show(what="ratio: a tenth deaf to all reading",
         p50=round(some_deaf["delay_ms"]["p50"] / all_read["delay_ms"]["p50"], 2),
         p99=round(some_deaf["delay_ms"]["p99"] / all_read["delay_ms"]["p99"], 2))


if __name__ == "__main__":
    main()
