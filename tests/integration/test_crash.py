"""What a crash leaves: sound that goes on, a state as acknowledged, a journal and a recording that
are whole. Judged on received samples, on the events that rooms saw, and by decoders not ours."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "client/demo"))

from rooms import Rooms  # noqa: E402
from server import COMPLETE, Server  # noqa: E402

BUILD = Path(os.environ.get("NHIPCAU_BUILD", ROOT / "build/debug"))
MEETING = "su-co"
SITES = {"chu-toa": "Điểm cầu chính", "da-nang": "Thành phố Đà Nẵng", "hue": "Thành phố Huế"}
TONE = 700


class Span:
    """A server and three rooms; da-nang sends its tone all the time."""

    def __init__(self, folder):
        self.folder = folder
        self.data = folder / "data"
        self.log = open(folder / "server.log", "a", encoding="utf-8")
        self.server = Server(BUILD, self.data, ROOT / "build/web", self.log)
        self.server.sign_in()
        sites = [{"id": site, "name": name, "role": "chair" if site == "chu-toa" else "site"}
                 for site, name in SITES.items()]
        made = self.server.request("/api/v1/meetings", {
            "meeting": MEETING, **COMPLETE, "title": "Sự cố", "sites": sites, "recording": True})
        links = {link["site"]: link["url"] for link in made["links"]}
        self.rooms = Rooms(BUILD / "client/room/nhipcau-room", [links[site] for site in SITES],
                           "--ca", str(self.data / "tls/cert.pem"), "--events", "all")
        for site in SITES:
            self.rooms.wait(lambda line, s=site: line["type"] == "media" and line["room"] == s
                            and line["state"] == "connected", f"the sound of {site}")
        self.rooms.tell(room="*", listen=[TONE])
        self.rooms.tell(room="da-nang", tone=TONE, level=-20)

    def restart(self):
        """The same address and data again, as an init system would do it."""
        listen = self.server.url.removeprefix("https://")
        self.server = Server(BUILD, self.data, ROOT / "build/web", self.log, listen)
        self.server.sign_in()

    def await_tone(self, site):
        self.rooms.wait(lambda line: line["type"] == "tone" and line["room"] == site
                        and line["on"], f"the tone at {site}")

    def heard_over(self, site, packets):
        """The report of a room over the next `packets` packets that it receives."""
        self.rooms.tell(room=site, reset=True)
        while True:
            report = self.rooms.report(site)
            if report["received_packets"] >= packets:
                return report

    def bridge_pid(self):
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                arguments = (entry / "cmdline").read_bytes().decode().split("\0")
            except OSError:
                continue
            if arguments[0].endswith("nhipcau-bridge") and any(
                    str(self.data) in argument for argument in arguments):
                return int(entry.name)
        raise AssertionError("no bridge runs for this server")

    def close(self):
        self.rooms.process.kill()
        self.rooms.process.wait()
        self.server.stop()
        self.log.close()


@pytest.fixture
def span(tmp_path):
    made = Span(tmp_path)
    yield made
    made.close()


def kill(pid):
    os.kill(pid, signal.SIGKILL)


def grant(span):
    span.rooms.call("chu-toa", "meeting.open")
    span.rooms.wait_event("recording.started")
    request = span.rooms.call("chu-toa", "floor.grant", {"site": "da-nang"})["request"]
    span.await_tone("hue")
    return request


def journal(span):
    content = span.server.request(f"/api/v1/meetings/{MEETING}/journal.jsonl", raw=True).decode()
    return [json.loads(line) for line in content.splitlines()]


def test_sound_goes_on_while_signaling_is_dead_and_rooms_resume(span):
    request = grant(span)
    span.rooms.call("hue", "floor.request", {"topic": "Chờ qua sự cố"})
    acknowledged = len(journal(span))
    kill(span.server.process.pid)
    span.server.process.wait()

    report = span.heard_over("hue", 100)
    assert report["tones"][str(TONE)] > -30
    assert report["lost_packets"] == 0

    span.restart()
    for site in SITES:
        span.rooms.wait(lambda line, s=site: line["type"] == "resumed" and line["room"] == s,
                        f"{site} to resume")
    events = journal(span)
    assert len(events) >= acknowledged
    report = span.heard_over("hue", 50)
    assert report["tones"][str(TONE)] > -30
    # The state is as it was acknowledged: the holder can give back, the queue has its place.
    span.rooms.call("da-nang", "floor.release", {"request": request})
    granted = span.rooms.call("chu-toa", "floor.grant", {"site": "hue"})
    span.rooms.wait_event("floor.granted", request=granted["request"], site="hue")

    seen = {site: [] for site in SITES}
    for line in span.rooms.lines:
        assert line["type"] != "error", line
        if line["type"] == "event":
            seen[line["room"]].append(line["event"]["seq"])
    for site, numbers in seen.items():
        numbers.sort()
        assert len(numbers) == len(set(numbers)), f"{site} saw an event twice"


def test_rooms_hear_again_after_the_bridge_was_killed(span):
    grant(span)
    kill(span.bridge_pid())
    span.rooms.wait_event("bridge.lost")
    span.rooms.wait_event("bridge.restored")
    report = span.heard_over("hue", 100)
    assert report["tones"][str(TONE)] > -60
    span.rooms.call("chu-toa", "meeting.close")
    span.rooms.wait_event("recording.stopped")


def test_after_everything_was_killed_journal_and_recording_are_whole(span):
    grant(span)
    # A recording of some seconds: its length is what the listener has received.
    report = span.heard_over("hue", 300)
    bridge = span.bridge_pid()
    for pid in (span.server.process.pid, bridge, span.rooms.process.pid):
        kill(pid)
    span.server.process.wait()

    verified = subprocess.run(
        [str(span.server.program), "verify", "--database", str(span.data / "nhipcau.db")],
        capture_output=True, text=True, check=False)
    assert verified.returncode == 0, verified.stdout + verified.stderr

    part = span.data / "recordings" / MEETING / "part-001"
    for name in ["program.webm", *[path.name for path in part.glob("speaker-*.webm")]]:
        decoded = subprocess.run(
            ["ffmpeg", "-nostdin", "-v", "error", "-i", str(part / name), "-f", "s16le", "-ar",
             "48000", "-ac", "1", "-"], capture_output=True, check=False)
        assert decoded.returncode == 0 and not decoded.stderr, (name, decoded.stderr)
        seconds = len(decoded.stdout) / 2 / 48000
        assert seconds >= report["received_packets"] * 0.02 - 2, (name, seconds)
