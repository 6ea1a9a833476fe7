"""Ways to the media: a TURN relay of somebody else's (coturn), ICE lite, TCP, a port range."""

import re
import shutil
import socket
import subprocess
import sys
import time

import pytest
from conftest import BUILD, ROOT, make_server, play  # noqa: F401
from _peers import AiortcPeer, offer

sys.path.insert(0, str(ROOT / "client/demo"))
from rooms import Rooms  # noqa: E402

SECRET = "bi-mat-chung"


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]
