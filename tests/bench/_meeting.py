"""What the meeting benchmarks share: a server of their own with a meeting of many rooms."""

import json
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "client/demo"))

from rooms import Rooms, RoomsError  # noqa: E402
from server import COMPLETE, Server  # noqa: E402

MEETING = "do-tai"
CHAIR = "chu-toa"


def roster(count):
    """The first `count` communes of the official list, or numbered rooms without it."""
    listing = ROOT.parent / "shared/data/administrative-units.csv"
    names = [f"Điểm cầu {number}" for number in range(1, count + 1)]
    if listing.exists():
        rows = [line.split(",") for line in listing.read_text(encoding="utf-8").splitlines()[1:]]
        communes = [row[1] for row in rows if row[2] == "commune"]
        names = (communes + names)[:count]
    return [{"id": CHAIR, "name": "Điểm cầu chính", "role": "chair"}] + [
        {"id": f"xa-{number:04d}", "name": name, "role": "site"}
        for number, name in enumerate(names, 1)]


def children(pid):
    """All processes below this one."""
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            found += [int(child), *children(int(child))]
    return found


def resident_kib(pid):
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return 0


class Bench:
    """One server, one meeting, all its rooms in one headless process."""

    def __init__(self, build, count, *options, recording=False, floors=8, settings=""):
        self.build = Path(build)
        self.folder = tempfile.TemporaryDirectory(prefix="nhipcau-bench-")
        data = Path(self.folder.name) / "data"
        self.log = open(Path(self.folder.name) / "server.log", "w", encoding="utf-8")
        config = Path(self.folder.name) / "nhipcau.conf"
        config.write_text(settings, encoding="utf-8")
        self.server = Server(build, data, ROOT / "build/web", self.log, config=config)
        self.server.sign_in()
        sites = roster(count)
        made = self.server.request("/api/v1/meetings", {
            "meeting": MEETING, **COMPLETE, "title": "Đo tải", "sites": sites, "floors": floors,
            "recording": recording})
        links = [link["url"] for link in made["links"] if link["site"]]
        listing = Path(self.folder.name) / "links"
        listing.write_text("\n".join(links) + "\n", encoding="utf-8")
        self.names = [site["id"] for site in sites]
        self.rooms = Rooms(self.build / "client/room/nhipcau-room", [], "--links", str(listing),
                           "--count", str(len(links)), "--ca", str(data / "tls/cert.pem"), *options)
        for name in self.names:
            self.rooms.wait(lambda line, n=name: line["type"] == "media" and line["room"] == n
                            and line["state"] == "connected", f"the sound of {name}", 120)
        self.rooms.call(CHAIR, "meeting.open")

    def metrics(self):
        """/metrics as {name{labels}: value}."""
        text = self.server.request("/metrics", raw=True).decode()
        lines = (line.rsplit(" ", 1) for line in text.splitlines() if line and line[0] != "#")
        return {name: float(value) for name, value in lines}

    def bridge_kib(self):
        """What the bridge's process holds in memory."""
        for pid in children(self.server.process.pid):
            if "bridge" in Path(f"/proc/{pid}/comm").read_text():
                return resident_kib(pid)
        raise RuntimeError("there is no bridge")

    def close(self):
        self.rooms.quit()
        self.server.stop()
        self.log.close()
        self.folder.cleanup()


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def show(**figures):
    print("  " + json.dumps(figures, ensure_ascii=False), flush=True)
