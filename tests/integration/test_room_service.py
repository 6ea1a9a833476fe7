"""A room that nobody sits at: led by a file, come back by itself from everything, with the sound
devices that there are at the moment."""

import os
import re
import shutil
import signal
import subprocess
import threading
import time

import pytest
from test_room import (BUILD, MEETING, PATIENCE, PROGRAM, ROOM_ENVIRONMENT, ROOT,  # noqa: F401
                       Server, hall, run_room)


class Process:
    """A room without a terminal; what it says on standard error is kept."""

    def __init__(self, *arguments, env=None):
        self.process = subprocess.Popen([str(PROGRAM), *arguments], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                        text=True, env={**ROOM_ENVIRONMENT, **(env or {})})
        self.lines = []
        self.changed = threading.Condition()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.process.stderr:
            with self.changed:
                self.lines.append(line)
                self.changed.notify_all()

    def wait(self, pattern, count=1):
        with self.changed:
            found = self.changed.wait_for(
                lambda: sum(bool(re.search(pattern, line)) for line in self.lines) >= count,
                PATIENCE)
        assert found, f"{pattern} did not come {count} times: {self.lines}"

    def forget(self):
        with self.changed:
            self.lines.clear()

    def end(self):
        """It must end well."""
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(PATIENCE)
        self.reader.join()
        assert status == 0, "".join(self.lines)


def write_config(tmp_path, hall, site, **sound):
    sound = {"input": "test", "output": "none", **sound}
    config = tmp_path / "room.conf"
    config.write_text(f"[room]\nlink = {hall.links[site]}\nca = {hall.ca}\nlang = en\n[sound]\n" +
                      "".join(f"{key} = {value}\n" for key, value in sound.items() if value))
    return str(config)


def connected(hall, site):
    sites = hall.server.request(f"/api/v1/meetings/{MEETING}/connections.json")
    return any(entry["site"] == site and entry["media"] for entry in sites)


def await_connected(hall, site):
    deadline = time.monotonic() + PATIENCE
    while not connected(hall, site):
        assert time.monotonic() < deadline, f"{site} did not come"
        time.sleep(0.1)


def test_a_configuration_is_checked_and_faults_are_named(hall, tmp_path):  # noqa: F811
    config = write_config(tmp_path, hall, "hue")
    good = hall.run("--check-config", "--config", config)
    assert good.returncode == 0 and "is good" in good.stdout
    bad = tmp_path / "bad.conf"
    bad.write_text("[sound]\necho-cancel = perhaps\n")
    wrong = hall.run("--check-config", "--config", str(bad))
    assert wrong.returncode == 78
    assert wrong.stderr == (f"nhipcau-room: {bad}:2: [sound] echo-cancel: must be on or off\n")
    shipped = hall.run("--check-config", "--config", str(ROOT / "config/nhipcau-room.conf"))
    assert shipped.returncode == 0, shipped.stderr
    linkless = tmp_path / "linkless.conf"
    linkless.write_text("[room]\nlang = en\n")
    assert hall.run("--check-config", "--config", str(linkless)).returncode == 78


def test_a_service_joins_and_ends_in_good_order(hall, tmp_path):  # noqa: F811
    room = Process("--config", write_config(tmp_path, hall, "hue"))
    await_connected(hall, "hue")
    room.end()


def test_a_link_that_is_not_wanted_is_not_tried_for_ever(hall, tmp_path):  # noqa: F811
    config = write_config(tmp_path, hall, "hue")
    text = open(config).read()
    open(config, "w").write(re.sub(r"/j/\S+", "/j/AAAAAAAAAAAAAAAAAAAAAAAA", text))
    room = Process("--config", config)
    assert room.process.wait(PATIENCE) == 2
    room.wait("not valid any more")


def test_a_room_waits_for_its_server(hall, tmp_path):  # noqa: F811
    """Started before the server is there, as after a power cut."""
    url = hall.server.url
    hall.server.stop()
    room = Process("--config", write_config(tmp_path, hall, "hue"))
    room.wait("nhipcau-room: ")
    hall.server = Server(BUILD, hall.data, ROOT / "build/web", hall.log,
                         listen=url.removeprefix("https://"))
    hall.server.sign_in()
    await_connected(hall, "hue")
    room.end()


def test_a_name_that_does_not_resolve_is_no_end(tmp_path):
    config = tmp_path / "room.conf"
    config.write_text("[room]\nlink = https://khong-co.invalid/j/AAAAAAAAAAAAAAAAAAAAAAAA\n"
                      "[sound]\ninput = test\noutput = none\n")
    room = Process("--config", str(config))
    room.wait("khong-co.invalid")
    time.sleep(3)  # several tries, which the log tells once
    assert room.process.poll() is None
    assert sum("khong-co.invalid" in line for line in room.lines) == 1
    room.end()


# Devices of a real sound server, which needs no hardware.


class Pulse:
    def __init__(self, folder):
        self.folder = folder
        self.socket = folder / "native"
        self.env = {"PULSE_SERVER": f"unix:{self.socket}", "PIPEWIRE_REMOTE": str(folder / "none")}
        self.own_env = {**os.environ, **self.env, "HOME": str(folder),
                        "XDG_RUNTIME_DIR": str(folder)}
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            ["pulseaudio", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", "-n",
             "-L", f"module-native-protocol-unix auth-anonymous=1 socket={self.socket}",
             "-L", "module-null-sink sink_name=loa sink_properties=device.description=Loa-hop",
             "-L", "module-null-sink sink_name=am sink_properties=device.description=Day-mic"],
            env=self.own_env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + PATIENCE
        while self.control("info").returncode != 0:
            assert time.monotonic() < deadline, "the sound server did not start"
            time.sleep(0.1)

    def control(self, *arguments):
        return subprocess.run(["pactl", *arguments], env=self.own_env,
                              capture_output=True, text=True, check=False)

    def plug_microphone(self, name):
        module = self.control("load-module", "module-remap-source", f"source_name={name}",
                              "master=am.monitor",
                              f"source_properties=device.description={name}")
        assert module.returncode == 0, module.stderr
        return module.stdout.strip()

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.socket.unlink(missing_ok=True)


@pytest.fixture
def pulse(tmp_path):
    if shutil.which("pulseaudio") is None:
        pytest.skip("there is no pulseaudio here")
    folder = tmp_path / "pulse"
    folder.mkdir(mode=0o700)
    server = Pulse(folder)
    yield server
    server.stop()


def test_devices_are_listed_and_ambiguous_names_refused(hall, pulse, tmp_path):  # noqa: F811
    pulse.plug_microphone("Mic-USB-1")
    pulse.plug_microphone("Mic-USB-2")
    listed = run_room("devices", "--lang", "en", **pulse.env)
    assert listed.returncode == 0, listed.stderr
    sound, _cameras = listed.stdout.split("Cameras (--camera, --slides)\n")
    microphones, speakers = sound.split("Speakers (--output)\n")
    assert microphones.split() == ["Microphones", "(--input)", "Mic-USB-1", "Mic-USB-2"]
    assert set(speakers.split()) == {"Loa-hop", "Day-mic"}
    room = Process("--config", write_config(tmp_path, hall, "hue", input="usb", output="loa"),
                   env=pulse.env)
    assert room.process.wait(PATIENCE) == 78
    room.wait('"usb" is part of several devices\' names: "Mic-USB-1", "Mic-USB-2"')


def test_a_microphone_is_pulled_out_and_plugged_in_again(hall, pulse, tmp_path):  # noqa: F811
    module = pulse.plug_microphone("Mic-USB")
    room = Process("--config", write_config(tmp_path, hall, "hue", input="usb", output="loa"),
                   env=pulse.env)
    room.wait('Microphone: using "Mic-USB"')
    room.wait('Speaker: using "Loa-hop"')
    await_connected(hall, "hue")
    room.forget()
    pulse.control("unload-module", module)
    room.wait("Microphone: there is none, waiting for one to be plugged in")
    room.forget()
    pulse.plug_microphone("Mic-USB")
    room.wait('Microphone: using "Mic-USB"')
    assert connected(hall, "hue")
    room.end()


def test_a_sound_server_that_dies_is_taken_again(hall, pulse, tmp_path):  # noqa: F811
    pulse.plug_microphone("Mic-USB")
    room = Process("--config", write_config(tmp_path, hall, "hue", input="usb", output="loa"),
                   env=pulse.env)
    room.wait('Microphone: using "Mic-USB"')
    await_connected(hall, "hue")
    room.forget()
    pulse.stop()
    room.wait("(Microphone|Speaker): ")
    room.forget()
    pulse.start()
    pulse.plug_microphone("Mic-USB")
    room.wait('Microphone: using "Mic-USB"')
    assert connected(hall, "hue")
    room.end()
