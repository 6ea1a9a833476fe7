"""Killing the server at a random moment under load: what was acknowledged must be there, once."""

import asyncio
import json
import random
import subprocess

from conftest import PROGRAM, Refused

SITES = ("chu-toa", "da-nang", "hue")


class Load:
    """One who commands as fast as answers come, and remembers what was acknowledged."""

    def __init__(self, room, name, token, steps):
        self.room, self.name, self.token, self.steps = room, name, token, steps
        self.acknowledged = {}  # seq -> the text that the command carried
        self.sent = 0

    async def run(self):
        try:
            while True:
                for method, params in self.steps:
                    mark = f"{self.name} {self.sent}"
                    self.sent += 1
                    if method == "minutes.note" or method == "message.send":
                        params = {**params, "text": mark}
                    try:
                        answer = await self.room.call(method, params)
                    except Refused:
                        continue
                    self.acknowledged[answer["seq"]] = (method, mark)
        except (AssertionError, ConnectionError, asyncio.CancelledError):
            pass  # the server is gone
        except Exception as error:  # websockets has a family of its own for that
            if "connection" not in str(error).lower() and "close" not in str(error).lower():
                raise


async def one_kill(server, number, rng):
    """A meeting of its own, killed in its midst; what was acknowledged and how it was found."""
    meeting = f"hop-{number}"
    keys = server.create(meeting, SITES)
    tokens = {site: server.token(keys[site]) for site in SITES}
    secretary = server.token(keys[None])
    loads = []
    for name, token, steps in (
            ("chair", tokens["chu-toa"], [("meeting.open", {}), ("floor.grant", {"site": "hue"}),
                                          ("floor.revoke", {"request": "r1"}),
                                          ("message.send", {})]),
            ("da-nang", tokens["da-nang"], [("floor.request", {}), ("floor.cancel", {}),
                                            ("message.send", {})]),
            ("hue", tokens["hue"], [("message.send", {})]),
            ("secretary", secretary, [("minutes.note", {})])):
        room = await server.connect()
        await room.hello(token)
        loads.append(Load(room, name, token, steps))
    tasks = [asyncio.create_task(load.run()) for load in loads]
    await asyncio.sleep(rng.uniform(0.02, 0.4))
    server.kill()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    server.start()
    await check(server, meeting, loads)
    return sum(len(load.acknowledged) for load in loads)


async def check(server, meeting, loads):
    journal = server.journal(meeting)
    assert [event["seq"] for event in journal] == list(range(1, len(journal) + 1))
    by_seq = {event["seq"]: event for event in journal}
    texts = [event["body"]["text"] for event in journal
             if event["type"] in ("note.added", "message.sent")]
    assert len(texts) == len(set(texts)), "a command was carried out twice"
    for load in loads:
        for seq, (method, mark) in load.acknowledged.items():
            assert seq in by_seq, f"{method} was acknowledged as {seq} and is lost"
            if method in ("minutes.note", "message.send"):
                assert mark in texts, f"{mark} was acknowledged and is lost"
    verify = subprocess.run([PROGRAM, "verify", "/dev/stdin"], capture_output=True, text=True,
                            input="".join(json.dumps(event) + "\n" for event in journal),
                            check=False)
    assert verify.returncode == 0, verify.stderr
    await resume(server, loads[2])


async def resume(server, load):
    """A room that goes on from the last event that it saw gets the rest, each once."""
    seen = [event["seq"] for event in load.room.events]
    since = seen[-1] if seen else 0
    room = await server.connect()
    answer = await room.hello(load.token, since=since)
    assert [event["seq"] for event in answer["events"]] == list(
        range(since + 1, answer["seq"] + 1))
    assert seen == sorted(set(seen))
    room.abort()


async def kill_many(server, count, seed):
    rng = random.Random(seed)
    return [await one_kill(server, number, rng) for number in range(count)]
