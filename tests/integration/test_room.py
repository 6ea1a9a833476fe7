"""Who is heard, by whom, and by whom not: judged on the samples that real rooms receive from a real
server and bridge. And how a room joins, leaves and is thrown out."""

import json
import math
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import threading
import time
import wave
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "client/demo"))

from rooms import Rooms, RoomsError  # noqa: E402
from server import COMPLETE, Server  # noqa: E402

BUILD = Path(os.environ.get("NHIPCAU_BUILD", ROOT / "build/debug"))
PROGRAM = BUILD / "client/room/nhipcau-room"
MEETING = "tieng-noi"
SITES = {"chu-toa": "Điểm cầu chính", "da-nang": "Thành phố Đà Nẵng", "hue": "Thành phố Huế",
         "ca-mau": "Tỉnh Cà Mau"}
PATIENCE = 30

# Whole stacks, by which tests/lsan.supp knows what the libraries of sound systems leak.
# A window is for the tests that bring a screen of their own.
ROOM_ENVIRONMENT = {**{name: value for name, value in os.environ.items()
                       if name not in ("DISPLAY", "WAYLAND_DISPLAY")}, "ASAN_OPTIONS":
                    os.environ.get("ASAN_OPTIONS", "") + ":fast_unwind_on_malloc=0"}

HEARD = -30    # dBFS: a tone that was sent at -20 is there
UNHEARD = -70  # far below what a codec leaves of another tone
SILENCE = -90  # at most one step of a sample: what Opus makes of nothing


class Hall:
    """A server with one meeting; its rooms in as many processes as a test likes."""

    def __init__(self, folder):
        self.folder = folder
        self.log = open(folder / "server.log", "a", encoding="utf-8")
        self.data = folder / "data"
        self.server = Server(BUILD, self.data, ROOT / "build/web", self.log)
        self.server.sign_in()
        made = self.server.request("/api/v1/meetings", {
            "meeting": MEETING, **COMPLETE, "title": "Hội nghị trực tuyến", "floors": 3, "recording": False,
            "sites": [{"id": site, "name": name, "role": "chair" if site == "chu-toa" else "site"}
                      for site, name in SITES.items()]})
        self.links = {link["site"]: link["url"] for link in made["links"]}
        self.ca = str(self.data / "tls/cert.pem")
        self.processes = []

    def join(self, *sites, options=()):
        """One process with these rooms; all have sound."""
        rooms = Rooms(PROGRAM, [self.links[site] for site in sites], "--ca", self.ca, *options)
        self.processes.append(rooms.process)
        for site in sites:
            rooms.wait(lambda line, s=site: line["type"] == "media" and line["room"] == s
                       and line["state"] == "connected", f"the sound of {site}")
        return rooms

    def run(self, *arguments):
        """A process of its own that must end by itself."""
        return subprocess.run([str(PROGRAM), *arguments], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=PATIENCE, check=False)

    def kill_everything(self):
        """Signaling and its bridge at once, as when a machine goes down; then the same again."""
        self.server.process.kill()
        self.server.process.wait()
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                arguments = (entry / "cmdline").read_bytes().decode().split("\0")
            except OSError:
                continue
            if arguments[0].endswith("nhipcau-bridge") and any(
                    str(self.data) in argument for argument in arguments):
                os.kill(int(entry.name), signal.SIGKILL)
        listen = self.server.url.removeprefix("https://")
        self.server = Server(BUILD, self.data, ROOT / "build/web", self.log, listen)
        self.server.sign_in()

    def journal(self):
        content = self.server.request(f"/api/v1/meetings/{MEETING}/journal.jsonl", raw=True)
        return [json.loads(line) for line in content.decode().splitlines()]

    def close(self):
        for process in self.processes:
            if process.poll() is None:
                process.kill()
            process.wait()
        self.server.stop()
        self.log.close()


@pytest.fixture
def hall(tmp_path):
    made = Hall(tmp_path)
    yield made
    made.close()


@pytest.fixture(autouse=True)
def sanitizers_have_a_status_of_their_own(monkeypatch):
    """Status 1 is then the room's own word."""
    monkeypatch.setenv("ASAN_OPTIONS", os.environ.get("ASAN_OPTIONS", "") + ":exitcode=99")


@pytest.fixture
def with_gstreamer(monkeypatch):
    """GStreamer's registry makes GLib's table of quarks grow, which leaves the old one behind: on
    purpose, and with nothing in its trace by which only that could be left out of the leak check."""
    monkeypatch.setenv("ASAN_OPTIONS", os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0")


def quit_well(rooms):
    """Asks to end; status 0 says that all was well, no sanitizer's finding and no leak either."""
    rooms.tell(quit=True)
    assert rooms.process.wait(timeout=PATIENCE) == 0


def await_tone(rooms, room, hz, is_on=True):
    rooms.wait(lambda line: line["type"] == "tone" and line["room"] == room and line["hz"] == hz
               and line["on"] == is_on, f"{hz} Hz {'on' if is_on else 'off'} in {room}")


def hear(rooms, sites, packets=75):
    """What each room hears over its next packets: its reports by site."""
    rooms.tell(room="*", reset=True)
    reports = {}
    while len(reports) < len(sites):
        for site in sites:
            report = rooms.report(site)
            if report["received_packets"] >= packets:
                reports.setdefault(site, report)
    return reports


def grant(rooms, site):
    return rooms.call("chu-toa", "floor.grant", {"site": site})["request"]


def test_the_floor_holder_is_heard_by_all_others_and_not_by_himself(hall):
    sites = ["chu-toa", "da-nang", "hue"]
    rooms = hall.join(*sites)
    rooms.tell(room="*", listen=[600])
    rooms.tell(room="da-nang", tone=600, level=-20)
    rooms.call("chu-toa", "meeting.open")
    grant(rooms, "da-nang")
    for site in ("chu-toa", "hue"):
        await_tone(rooms, site, 600)
    reports = hear(rooms, sites)
    for site in ("chu-toa", "hue"):
        assert reports[site]["tones"]["600"] == pytest.approx(-20, abs=2)
        assert reports[site]["lost_packets"] == 0
    assert reports["da-nang"]["tones"]["600"] < UNHEARD
    assert reports["da-nang"]["sent_packets"] > 0
    quit_well(rooms)


def test_a_room_without_the_floor_is_heard_by_nobody_at_full_volume(hall):
    sites = ["chu-toa", "da-nang", "hue"]
    rooms = hall.join(*sites)
    rooms.call("chu-toa", "meeting.open")
    rooms.tell(room="da-nang", tone=1000, level=0)
    reports = hear(rooms, sites)
    for site in sites:
        assert reports[site]["peak_dbfs"] < SILENCE
    # And not under the voice of another either.
    rooms.tell(room="*", listen=[600, 1000])
    rooms.tell(room="hue", tone=600, level=-20)
    grant(rooms, "hue")
    await_tone(rooms, "chu-toa", 600)
    reports = hear(rooms, sites)
    for site in ("chu-toa", "da-nang"):
        assert reports[site]["tones"]["600"] > HEARD
        assert reports[site]["tones"]["1000"] < UNHEARD
    assert reports["da-nang"]["sent_packets"] > 0
    quit_well(rooms)


def test_each_speaker_hears_the_others_and_a_listener_hears_all(hall):
    tones = {"da-nang": 500, "hue": 900, "ca-mau": 1500}
    rooms = hall.join(*SITES)
    rooms.tell(room="*", listen=list(tones.values()))
    rooms.call("chu-toa", "meeting.open")
    for site, hz in tones.items():
        rooms.tell(room=site, tone=hz, level=-20)
        grant(rooms, site)
    for hz in tones.values():
        await_tone(rooms, "chu-toa", hz)
    reports = hear(rooms, SITES)
    for listener in SITES:
        for speaker, hz in tones.items():
            level = reports[listener]["tones"][str(hz)]
            if speaker == listener:
                assert level < -50, f"{speaker} hears himself"
            else:
                assert level > HEARD, f"{listener} does not hear {speaker}"
    quit_well(rooms)


def test_who_loses_the_floor_is_cut_off(hall):
    rooms = hall.join("chu-toa", "da-nang", "hue")
    rooms.tell(room="hue", listen=[700])
    rooms.tell(room="da-nang", tone=700, level=-20)
    rooms.call("chu-toa", "meeting.open")
    request = grant(rooms, "da-nang")
    await_tone(rooms, "hue", 700)
    rooms.call("chu-toa", "floor.revoke", {"request": request})
    await_tone(rooms, "hue", 700, is_on=False)
    until = time.monotonic() + PATIENCE  # the codec's own tail dies away first
    while (peak := hear(rooms, ["hue"])["hue"]["peak_dbfs"]) >= SILENCE:
        assert time.monotonic() < until, f"something of it is left at {peak:.0f} dB"
    quit_well(rooms)


def write_tone(path, hz, seconds, rate=16000):
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(2)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        for i in range(int(seconds * rate)):
            sample = int(9000 * math.sin(2 * math.pi * hz * i / rate))
            sound.writeframesraw(struct.pack("<hh", sample, sample))


def test_a_file_is_played_to_its_end(hall, tmp_path, with_gstreamer):
    write_tone(tmp_path / "bai-phat-bieu.wav", 800, 2)
    rooms = hall.join("chu-toa", "da-nang", "hue")
    rooms.tell(room="hue", listen=[800])
    rooms.call("chu-toa", "meeting.open")
    grant(rooms, "da-nang")
    rooms.tell(room="da-nang", play=str(tmp_path / "bai-phat-bieu.wav"))
    await_tone(rooms, "hue", 800)
    rooms.wait(lambda line: line["type"] == "played" and line["room"] == "da-nang", "the end")
    await_tone(rooms, "hue", 800, is_on=False)
    assert rooms.report("da-nang")["sent_packets"] == 100
    rooms.tell(room="da-nang", play=str(tmp_path / "khong-co.wav"))
    error = rooms.wait(lambda line: line["type"] == "error", "an error")
    assert "khong-co.wav" in error["message"]
    quit_well(rooms)


def test_each_room_can_have_a_tone_of_its_own(hall):
    rooms = hall.join(*SITES, options=["--tone", "auto", "--decode", "2"])
    rooms.call("chu-toa", "meeting.open")
    grant(rooms, "hue")  # room 2: 400 Hz + 2 * 200 Hz
    while (report := hear(rooms, ["chu-toa"])["chu-toa"])["tones"]["800"] < HEARD:
        pass
    assert report["profile"] == "SRTP_AEAD_AES_128_GCM"
    assert report["delay_us"] > 0
    assert max(report["tones"][hz] for hz in ("400", "600", "1000")) < -50
    counted = hear(rooms, ["ca-mau"])["ca-mau"]
    assert not counted["decoded"] and counted["level_dbfs"] is None and counted["tones"] == {}
    assert not [line for line in rooms.lines if line["type"] == "tone"]
    quit_well(rooms)


def test_leaving_says_goodbye(hall):
    rooms = hall.join("chu-toa", "hue", "da-nang", options=["--events", "chu-toa"])
    rooms.tell(room="hue", leave=True)
    assert rooms.wait_event("site.left", site="hue")["body"]["reason"] == "closed"
    assert rooms.report(1)["state"] == "closed"
    quit_well(rooms)
    left = [event["body"] for event in hall.journal() if event["type"] == "site.left"]
    assert {body["site"] for body in left} == {"chu-toa", "hue", "da-nang"}
    assert {body["reason"] for body in left} == {"closed"}


def test_rooms_come_back_by_themselves_when_everything_was_killed(hall):
    rooms = hall.join("chu-toa", "hue")
    rooms.tell(room="hue", listen=[700])
    rooms.tell(room="chu-toa", tone=700, level=-20)
    rooms.call("chu-toa", "meeting.open")
    hall.kill_everything()
    for site in ("chu-toa", "hue"):
        # New media may come before ICE has told that the old is dead: then nothing "failed".
        for kind, state in (("resumed", None), ("media", "connected")):
            rooms.wait(lambda line, s=site, k=kind, t=state: line["type"] == k
                       and line["room"] == s and line.get("state") == t, f"{site} {kind} {state}")
    grant(rooms, "chu-toa")
    await_tone(rooms, "hue", 700)
    assert not [line for line in rooms.lines if line["type"] == "error"]
    quit_well(rooms)


def test_a_room_that_is_opened_elsewhere_ends(hall):
    first = hall.join("hue")
    second = hall.join("hue")
    ended = first.wait(lambda line: line["type"] == "ended", "the end")
    assert "elsewhere" in ended["message"]
    assert first.process.wait(timeout=PATIENCE) == 1
    assert "seq" in second.call("hue", "message.send", {"text": "Vẫn còn đây"})
    quit_well(second)


def test_the_last_report_is_written(hall, tmp_path):
    path = tmp_path / "report.json"
    rooms = hall.join("chu-toa", "hue", options=["--report", str(path), "--seconds", "60"])
    quit_well(rooms)
    reports = json.loads(path.read_text())
    assert [report["room"] for report in reports] == ["chu-toa", "hue"]
    assert all(report["state"] == "connected" for report in reports)


def test_a_link_that_is_not_valid_ends_at_once(hall):
    link = hall.links["hue"][:-4] + "AAAA"
    ended = hall.run("--headless", "--seconds", "60", "--ca", hall.ca, link)
    assert ended.returncode == 1
    assert "not valid" in json.loads(ended.stdout.splitlines()[0])["message"]


def test_an_untrusted_certificate_says_what_to_do(hall):
    ended = hall.run("--headless", "--seconds", "60", hall.links["hue"])
    assert ended.returncode == 1
    assert "--ca" in json.loads(ended.stdout.splitlines()[0])["message"]
    rooms = Rooms(PROGRAM, [hall.links["hue"]], "--insecure")
    hall.processes.append(rooms.process)
    rooms.wait(lambda line: line["type"] == "joined", "to join all the same")


def test_wrong_commands_are_told_and_change_nothing(hall):
    rooms = hall.join("chu-toa")
    for command in ({"room": "hue", "silence": True}, {"room": "chu-toa", "tone": 10},
                    {"room": "chu-toa", "jump": True}, {"tone": 440}):
        rooms.tell(**command)
        rooms.wait(lambda line: line["type"] == "error", f"an error for {command}")
    with pytest.raises(RoomsError, match="no-such|không|not|unknown|method"):
        rooms.call("chu-toa", "khong.co")
    quit_well(rooms)


class Terminal:
    """A real room's screen in a terminal of its own."""

    def __init__(self, *arguments, **environment):
        pid, self.fd = pty.fork()
        if pid == 0:
            os.execve(str(PROGRAM), [str(PROGRAM), *arguments],
                      {**ROOM_ENVIRONMENT, **environment})
        self.pid = pid
        self.shown = ""

    def press(self, key):
        os.write(self.fd, key.encode())

    def wait(self, pattern):
        deadline = time.monotonic() + PATIENCE
        self.shown = ""
        while not re.search(pattern, self.shown):
            ready, _, _ = select.select([self.fd], [], [], max(0, deadline - time.monotonic()))
            assert ready, f"{pattern} did not come: {self.shown[-2000:]}"
            try:
                self.shown += os.read(self.fd, 65536).decode(errors="replace")
            except OSError:
                raise AssertionError(f"ended before {pattern}: {self.shown[-2000:]}") from None

    def read_on(self):
        """Reads what is shown until the program ends, on a thread that is given back."""
        def read():
            try:
                while more := os.read(self.fd, 65536):
                    self.shown = (self.shown + more.decode(errors="replace"))[-20000:]
            except OSError:
                pass
        thread = threading.Thread(target=read)
        thread.start()
        return thread

    def ended(self):
        """The exit status; what is still written is read, or writing would wait."""
        try:
            while more := os.read(self.fd, 65536):
                self.shown += more.decode(errors="replace")
        except OSError:
            pass
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def test_a_room_with_devices_asks_speaks_and_gives_back(hall, with_gstreamer):
    rooms = hall.join("chu-toa", "hue")
    rooms.tell(room="hue", listen=[440])
    rooms.call("chu-toa", "meeting.open")
    terminal = Terminal("--ca", hall.ca, "--input", "test", "--output", "none",
                        hall.links["da-nang"])
    terminal.wait("Hội nghị trực tuyến(.|\n)*Thành phố Đà Nẵng")
    terminal.wait("chưa có ai")
    terminal.press("rMột cửax")
    terminal.wait("Nội dung")
    terminal.press("\x7f\r")  # a typing error, and mended
    requested = rooms.wait_event("floor.requested", site="da-nang")["body"]
    assert requested["topic"] == "Một cửa"
    terminal.wait("Thứ tự chờ: 1")
    rooms.call("chu-toa", "floor.grant", {"request": requested["request"]})
    await_tone(rooms, "hue", 440)
    terminal.wait("Đang phát biểu +Thành phố Đà Nẵng")
    terminal.press("m")
    rooms.wait_event("site.muted", site="da-nang")
    await_tone(rooms, "hue", 440, is_on=False)
    terminal.wait("Micrô đang tắt")
    terminal.press("m")
    await_tone(rooms, "hue", 440)
    terminal.press("g")
    rooms.wait_event("floor.released", site="da-nang")
    await_tone(rooms, "hue", 440, is_on=False)
    terminal.wait("chưa có ai")
    terminal.press("q")
    assert terminal.ended() == 0, terminal.shown
    assert rooms.wait_event("site.left", site="da-nang")["body"]["reason"] == "closed"
    quit_well(rooms)


def test_a_terminal_that_stops_disturbs_nothing(hall, with_gstreamer):
    rooms = hall.join("chu-toa", "hue")
    rooms.tell(room="hue", listen=[440])
    rooms.call("chu-toa", "meeting.open")
    terminal = Terminal("--ca", hall.ca, "--input", "test", "--output", "none",
                        hall.links["da-nang"])
    terminal.wait("chưa có ai")
    rooms.call("chu-toa", "floor.grant", {"site": "da-nang"})
    await_tone(rooms, "hue", 440)
    terminal.press("\x13")  # Ctrl-S: nothing is shown from now on
    rooms.tell(room="hue", reset=True)
    time.sleep(3)  # more pictures than any buffer holds
    rooms.tell(room="hue", report=True, id="stopped")
    report = rooms.wait(lambda line: line.get("id") == "stopped", "the report")
    assert report["received_packets"] > 100 and report["lost_packets"] == 0
    terminal.press("g")  # and keys are obeyed all the same
    rooms.wait_event("floor.released", site="da-nang")
    terminal.press("\x11")  # Ctrl-Q: the newest picture comes
    terminal.wait("chưa có ai")
    terminal.press("q")
    assert terminal.ended() == 0, terminal.shown
    quit_well(rooms)


def run_room(*arguments, **environment):
    return subprocess.run([str(PROGRAM), *arguments], capture_output=True, text=True, check=False,
                          timeout=PATIENCE * 3, env={**ROOM_ENVIRONMENT, **environment})


def test_a_line_is_tested_and_the_verdict_kept(hall, with_gstreamer):
    ended = run_room("test-line", "--ca", hall.ca, "--input", "test", "--output", "none",
                     "--lang", "vi", hall.links["da-nang"])
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "Đường truyền TỐT." in ended.stdout
    assert "mất gói ↑ 0.0 % ↓ 0.0 %" in ended.stdout
    kept = hall.server.request(f"/api/v1/meetings/{MEETING}/readiness.json")
    line = next(site for site in kept["sites"] if site["site"] == "da-nang")["line"]
    assert line["verdict"] == "good" and line["advice"] == []
    assert line["up_kbps"] >= 1000 and line["down_kbps"] >= 1000


def test_a_silent_microphone_is_found(hall, with_gstreamer):
    """There is no microphone at all here."""
    ended = run_room("test-line", "--ca", hall.ca, "--output", "none", "--lang", "en",
                     hall.links["hue"], PULSE_SERVER="none")
    assert ended.returncode == 4, ended.stdout + ended.stderr
    assert "The microphone is silent" in ended.stdout
