"""Every peer that docs/interoperability.md names, in everything that it says of it: each "yes" is
tried here on received samples, each "no" is a skip with its reason, and the table as it was found
is printed at the end."""

import asyncio

import pytest

from conftest import ROOT, play
from _matrix_peers import Aiortc, Chromium, NativeRoom, NodePeer, Webrtcbin, Wrtc
from _relay import Namespace, can_make_namespaces
from _table import CHAIR_HZ, LOSS, SITE_HZ, Table, falls_silent, hears

LARGELY = 0.5  # what is made up for a lost packet may be out of step with the tone
ABILITIES = ("hearing", "being heard", "floor change", "ICE restart", "loss 5 %")
KINDS = {"nhipcau-room": NativeRoom, "Chromium": Chromium, "wrtc": Wrtc, "aiortc": Aiortc,
         "webrtcbin": Webrtcbin}
WINDOWS = 30  # under loss


def cells():
    """The table of the document: (peer, ability, what it says)."""
    for line in (ROOT / "docs/interoperability.md").read_text(encoding="utf-8").splitlines():
        words = [word.strip() for word in line.strip("|").split("|")]
        if words[0] in KINDS:
            assert len(words) == 1 + len(ABILITIES), line
            yield from ((words[0], ability, says) for ability, says in zip(ABILITIES, words[1:]))


found = {}


@pytest.fixture(scope="module", autouse=True)
def matrix(request):
    yield
    plugins = request.config.pluginmanager
    rows = ["", f"{'':14}" + "".join(f"{ability:14}" for ability in ABILITIES)]
    for kind in KINDS:
        rows.append(f"{kind:14}" + "".join(f"{found.get((kind, each), 'not tried'):14}"
                                           for each in ABILITIES))
    with plugins.get_plugin("capturemanager").global_and_fixture_disabled():
        plugins.get_plugin("terminalreporter").write_line("\n".join(rows))


def test_the_table_has_a_row_for_every_peer():
    assert {kind for kind, _, _ in cells()} == set(KINDS)
    assert all(says == "yes" or says.startswith("no: ") for _, _, says in cells())


async def share_of_windows(peer, hz):
    pure = []
    for _ in range(WINDOWS):
        pure.append(await peer.purity(hz))
        await asyncio.sleep(0.2)
    return sum(each > LARGELY for each in pure) / WINDOWS


async def hearing(table):
    await hears(table.site, CHAIR_HZ)


async def being_heard(table):
    await falls_silent(table.chair, SITE_HZ)
    await table.grant()
    await hears(table.chair, SITE_HZ)


async def floor_change(table):
    await being_heard(table)
    await table.revoke()
    await falls_silent(table.chair, SITE_HZ)
    await hears(table.site, CHAIR_HZ)
    await being_heard(table)


async def ice_restart(table):
    await hearing(table)
    await being_heard(table)
    if table.namespace is not None:
        table.namespace.lose(100)
        await table.site.state("disconnected", "failed")
        table.namespace.lose(0)
        await table.site.state("connected")
    else:
        await table.site.restart()
        await asyncio.sleep(1)  # nothing tells when the former pair is given up
    await hears(table.site, CHAIR_HZ)
    await hears(table.chair, SITE_HZ)


async def loss(table):
    if table.namespace is not None:
        table.namespace.lose(round(100 * LOSS))
    await hearing(table)
    await being_heard(table)
    assert await share_of_windows(table.site, CHAIR_HZ) >= 0.9
    assert await share_of_windows(table.chair, SITE_HZ) >= 0.9
    dropped = table.namespace.dropped() if table.namespace else table.relay.dropped
    assert dropped > 0


TESTS = dict(zip(ABILITIES, (hearing, being_heard, floor_change, ice_restart, loss)))


@pytest.mark.parametrize("name, ability, says", [
    pytest.param(*cell, id=f"{cell[0]}-{cell[1].replace(' ', '_')}") for cell in cells()])
def test_a_peer_can_what_the_table_says(make_server, tmp_path, name, ability, says):
    if says != "yes":
        found[name, ability] = "no"
        pytest.skip(f"{name}, {ability}: {says}")
    kind = KINDS[name]
    if issubclass(kind, NodePeer) and kind.is_missing():
        pytest.skip(f"{name}: node or tests/browser/node_modules is not there (./dev setup)")
    namespace = None
    if kind is NativeRoom and ability in ("ICE restart", "loss 5 %"):
        if not can_make_namespaces():
            pytest.skip(f"{name}, {ability}: no network namespaces here (they need root, ip, nft)")
        namespace = Namespace()
    found[name, ability] = "FAILED"

    async def run():
        table = Table(make_server, tmp_path, kind, "loss" in ability, namespace)
        try:
            await table.open()
            await TESTS[ability](table)
        finally:
            await table.close()
    try:
        play(run())
    finally:
        if namespace is not None:
            namespace.close()
    found[name, ability] = "yes"
