"""The server and its bridge: how they start, end, and find each other again."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from conftest import BUILD, PATIENCE, play

BRIDGE = BUILD / "bridge/nhipcau-bridge"


@pytest.fixture
def with_bridge(make_server):
    server = make_server(arguments=["--bridge", str(BRIDGE)])
    yield server
    # A bridge outlives a server that was killed: none may stay behind.
    for pid in bridges(server):
        os.kill(pid, signal.SIGKILL)


def bridges(server):
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            arguments = (entry / "cmdline").read_bytes().decode().split("\0")
        except OSError:
            continue
        if arguments[0].endswith("nhipcau-bridge") and any(
                str(server.data) in argument for argument in arguments):
            found.append(int(entry.name))
    return found


def types(server):
    return [event["type"] for event in server.journal()]


async def opened(server):
    keys = server.create(recording=True)
    chair = await server.join(keys["chu-toa"])
    await chair.call("meeting.open")
    await chair.event("recording.started")
    return keys, chair


def test_the_server_is_ready_with_its_bridge(with_bridge):
    assert with_bridge.request("/readyz").status == 200
    assert with_bridge.metric("bridge_up") == 1
    assert len(bridges(with_bridge)) == 1


def test_a_clean_end_finishes_the_recording_and_the_bridge(with_bridge):
    async def run():
        await opened(with_bridge)
    play(run())
    assert with_bridge.stop() == 0
    assert bridges(with_bridge) == []
    part = with_bridge.data / "recordings/giao-ban/part-001"
    assert json.loads((part / "manifest.json").read_text())["files"]
    with_bridge.start()
    kinds = types(with_bridge)
    assert "recording.stopped" in kinds and "bridge.lost" not in kinds


def test_a_killed_servers_bridge_is_taken_over(with_bridge):
    async def run():
        keys, chair = await opened(with_bridge)
        before = bridges(with_bridge)
        with_bridge.kill()
        await chair.ended()
        assert bridges(with_bridge) == before
        with_bridge.start()
        assert with_bridge.request("/readyz").status == 200
        assert bridges(with_bridge) == before
        back = await with_bridge.join(keys["chu-toa"], since=chair.seq)
        await back.call("meeting.close")
        await back.event("recording.stopped")
        kinds = types(with_bridge)
        assert kinds.count("recording.started") == 1
        assert "bridge.lost" not in kinds and "site.left" not in kinds
    play(run())


def test_a_killed_bridge_is_an_incident_and_comes_back(with_bridge):
    async def run():
        keys, chair = await opened(with_bridge)
        os.kill(bridges(with_bridge)[0], signal.SIGKILL)
        await chair.event("bridge.lost")
        await chair.event("bridge.restored")
        await chair.notification("media.ready")
        await chair.event("recording.started", part=2)
        assert with_bridge.request("/readyz").status == 200
        kinds = types(with_bridge)
        assert kinds.count("bridge.lost") == kinds.count("bridge.restored") == 1
    play(run())


def test_without_a_bridge_control_goes_on(make_server, tmp_path):
    broken = tmp_path / "broken-bridge"
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)
    server = make_server(arguments=["--bridge", str(broken)])
    assert server.request("/readyz").status == 503

    async def run():
        keys = server.create()
        chair = await server.join(keys["chu-toa"])
        await chair.call("meeting.open")
        with pytest.raises(Exception, match="no-media"):
            await chair.call("media.offer", {"sdp": "v=0"})
        await chair.call("minutes.note", {"text": "vẫn họp"})
    play(run())


def test_a_signal_during_the_start_ends_it_in_good_order(with_bridge):
    with_bridge.stop()
    process = subprocess.Popen([*with_bridge.process.args], stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL, text=True)
    deadline = time.monotonic() + PATIENCE
    while not bridges(with_bridge) and time.monotonic() < deadline:
        time.sleep(0.001)
    process.terminate()
    assert process.wait(timeout=PATIENCE) == 0
    process.stdout.close()
    assert bridges(with_bridge) == []
