"""Loss between the bridge and a peer: a UDP relay of the test's own on loopback, for peers whose SDP
the test carries; a network namespace for those that have their own signaling (root only)."""

import asyncio
import os
import random
import re
import shutil
import subprocess


class _Side(asyncio.DatagramProtocol):
    def __init__(self, take):
        self._take = take

    def datagram_received(self, data, addr):
        self._take(data, addr)


class Relay:
    """Stands between one peer and the bridge. Both know only the relay's address: the peer's
    candidates are taken from its offer, the bridge's in the answer become the relay's."""

    def __init__(self, loss, seed=1):
        self._loss, self._chance = loss, random.Random(seed)
        self._peer = self._bridge = None
        self.passed = self.dropped = 0

    async def open(self):
        loop = asyncio.get_running_loop()
        sides = []
        for take in (self._from_peer, self._from_bridge):
            transport, _ = await loop.create_datagram_endpoint(
                lambda take=take: _Side(take), local_addr=("0.0.0.0", 0))
            sides.append(transport)
        self._to_peer, self._to_bridge = sides

    def close(self):
        self._to_peer.close()
        self._to_bridge.close()

    def _is_lost(self):
        is_lost = self._chance.random() < self._loss
        self.dropped += is_lost
        self.passed += not is_lost
        return is_lost

    def _from_peer(self, data, address):
        self._peer = address
        if self._bridge is not None and not self._is_lost():
            self._to_bridge.sendto(data, self._bridge)

    def _from_bridge(self, data, _address):
        if self._peer is not None and not self._is_lost():
            self._to_peer.sendto(data, self._peer)

    @staticmethod
    def offer(sdp):
        return re.sub(r"a=candidate:.*\r?\n", "", sdp)

    def answer(self, sdp):
        """Remembers the bridge's address, best not on loopback: webrtcbin has none there."""
        found = re.findall(r"a=candidate:\S+ 1 (?i:udp) \d+ (\S+) (\d+) typ host", sdp)
        found = [each for each in found if ":" not in each[0]]
        address, port = next((each for each in found if each[0] != "127.0.0.1"), found[0])
        self._bridge = (address, int(port))
        own = self._to_peer.get_extra_info("sockname")[1]
        sdp = re.sub(r"a=candidate:.*\r?\n", "", sdp)
        line = f"a=candidate:1 1 UDP 2130706431 {address} {own} typ host\r\n"
        return re.sub(r"(a=ice-pwd:.*\r?\n)", lambda each: each[0] + line, sdp)


def can_make_namespaces():
    """Tried, as a container may let one make a namespace and not enter it."""
    if os.geteuid() != 0 or not shutil.which("ip") or not shutil.which("nft"):
        return False
    name = f"nt-{os.getpid()}"
    tried = subprocess.run(["ip", "netns", "add", name], check=False, capture_output=True)
    entered = subprocess.run(["ip", "netns", "exec", name, "ip", "link", "set", "lo", "up"],
                             check=False, capture_output=True)
    subprocess.run(["ip", "netns", "delete", name], check=False, capture_output=True)
    return tried.returncode == 0 and entered.returncode == 0


class Namespace:
    """A network of its own, joined to ours by one cable: we are `here`, it is `there`."""

    def __init__(self):
        self.name = f"nc-{os.getpid()}"
        part = os.getpid() % 250
        self.here, self.there = f"10.219.{part}.1", f"10.219.{part}.2"
        self._run("ip", "netns", "add", self.name)
        self._run("ip", "link", "add", f"{self.name}h", "type", "veth", "peer", "name", "there",
                  "netns", self.name)
        self._run("ip", "address", "add", f"{self.here}/24", "dev", f"{self.name}h")
        self._run("ip", "link", "set", f"{self.name}h", "up")
        self.inside("ip", "address", "add", f"{self.there}/24", "dev", "there")
        for device in ("there", "lo"):
            self.inside("ip", "link", "set", device, "up")
        self.inside("nft", "add table inet trouble")
        for hook in ("input", "output"):
            self.inside("nft", f"add chain inet trouble {hook} "
                               f"{{ type filter hook {hook} priority 0; }}")

    @staticmethod
    def _run(*command):
        subprocess.run(command, check=True, capture_output=True)

    def inside(self, *command):
        self._run("ip", "netns", "exec", self.name, *command)

    def lose(self, percent):
        """Of UDP, both ways."""
        chance = f"numgen random mod 100 < {percent} " if percent < 100 else ""
        for hook in ("input", "output"):
            self.inside("nft", f"flush chain inet trouble {hook}")
            if percent:
                self.inside("nft", f"add rule inet trouble {hook} meta l4proto udp "
                                   f"{chance}counter drop")

    def dropped(self):
        text = subprocess.run(["ip", "netns", "exec", self.name, "nft", "list", "table", "inet",
                               "trouble"], check=True, capture_output=True, text=True).stdout
        return sum(int(count) for count in re.findall(r"counter packets (\d+)", text))

    def program(self, folder, program):
        """A program that runs another inside."""
        script = folder / "inside"
        script.write_text(f'#!/bin/sh\nexec ip netns exec {self.name} {program} "$@"\n')
        script.chmod(0o755)
        return script

    def close(self):
        subprocess.run(["ip", "link", "delete", f"{self.name}h"], check=False, capture_output=True)
        subprocess.run(["ip", "netns", "delete", self.name], check=False, capture_output=True)
