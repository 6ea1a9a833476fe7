"""The permission table, as the program prints it, against a live server: every method by every role
in every state of a meeting."""

import asyncio
import re
import subprocess

from conftest import PROGRAM, ROOT, Refused, play

STATES = {"draft": [], "rehearsal": ["rehearse"], "open": ["open"], "paused": ["open", "pause"],
          "closed": ["open", "close"]}
ROLES = ("chair", "secretary", "operator", "site", "observer")
NO_SUCH_FIELD = {"colour": 1}  # what may be done is refused for it, and so changes nothing


def table():
    """{method: (roles that may, roles that may for their own room)}"""
    lines = subprocess.run([PROGRAM, "permissions"], capture_output=True, text=True,
                           check=True).stdout.splitlines()
    rows = (line.split("\t") for line in lines)
    return {method: (every.split(","), own.split(",")) for method, every, own in rows}


async def people(server, meeting):
    """One of each role, in the meeting."""
    keys = server.create(meeting)
    everyone = {"chair": await server.join(keys["chu-toa"]),
                "secretary": await server.join(keys[None]),
                "site": await server.join(keys["hue"])}
    for role in ("operator", "observer"):
        made = server.request(f"/api/v1/meetings/{meeting}/links", {"role": role},
                              token=server.operator).json
        everyone[role] = await server.join(made["url"].rsplit("/", 1)[1])
    return everyone


async def reason(room, method):
    try:
        await room.call(method, NO_SUCH_FIELD)
    except Refused as refusal:
        return refusal.reason
    return "accepted"


async def check(server, meeting, steps, expected):
    everyone = await people(server, meeting)
    for step in steps:
        await everyone["chair"].call(f"meeting.{step}")
    wrong, tried = [], 0
    for role in ROLES:
        for method, (every, own) in expected.items():
            if method in ("meeting.create", "paper.add"):
                continue  # by an account outside a meeting; by HTTP
            has_room = role in ("chair", "site")
            may = role in every or (role in own and has_room)
            got = await reason(everyone[role], method)
            tried += 1
            if got == "accepted" or (got == "not-allowed") == may:
                wrong.append((meeting, role, method, got))
    return wrong, tried


def test_the_table_is_what_the_server_does(make_server):
    async def run():
        server = make_server({"frames-per-second": 100000, "frames-burst": 100000})
        expected = table()
        results = await asyncio.gather(*(check(server, f"hop-{state}", steps, expected)
                                         for state, steps in STATES.items()))
        assert [entry for wrong, _ in results for entry in wrong] == []
        assert sum(tried for _, tried in results) >= 5 * 5 * 40
    play(run())


def described():
    """The column "may" of docs/protocol.md: {method: its words}."""
    rows = {}
    for line in (ROOT / "docs/protocol.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("| `") and line.count(" | ") >= 2:
            commands, may = line.replace("\\|", "/").split(" | ")[:2]
            for command in commands.split("`")[1::2]:
                rows.setdefault(command.split(" ")[0], re.findall(r"\w+", may))
    return rows


def test_the_protocols_description_says_the_same():
    letters = {"C": "chair", "S": "secretary", "O": "operator", "R": "site", "room": "site"}
    rows, wrong = described(), []
    for method, (every, own) in table().items():
        needed = {role for role in every + own if role in letters.values()}
        told = {letters[word] for word in rows.get(method, ()) if word in letters}
        if "A" in rows.get(method, ()):
            told = set(letters.values())
        if needed and method != "paper.add" and told != needed:
            wrong.append((method, sorted(told), sorted(needed)))
    assert wrong == []
