#!/usr/bin/env python3
"""Subscribers side by side: how fast each prints messages from a broker that only sends, as fast as they are read.

    cargo build --profile dist && benches/subscribe.py [COUNT]

Whole processes, output to /dev/null, and the number of bytes is checked once in a file. Take the ratios, not the times.
"""

import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

COUNT = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
TOPIC = "alice/parking/occupancy"
PAYLOAD = b"x" * 100
I3 = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "target", "dist", "i3")


def publish(number, qos):
    body = len(TOPIC).to_bytes(2, "big") + TOPIC.encode()
    if qos:
        body += (number % 65_535 + 1).to_bytes(2, "big")
    body += PAYLOAD
    return bytes([0x30 | qos << 1, len(body)]) + body


def run(command, qos, out):
    """Seconds from the first message to the end of the subscriber."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        environment = {"I3_HOME": tempfile.gettempdir(), "I3_PASSWORD": "any", "PATH": os.environ["PATH"]}
        process = subprocess.Popen(command + ["-p", str(port)], stdout=out, env=environment)
        peer, _ = server.accept()
    with peer:
        peer.recv(4096)
        peer.sendall(b"\x20\x02\0\0")
        subscribe = peer.recv(4096)
        peer.sendall(b"\x90\x03" + subscribe[2:4] + bytes([qos]))
        # Acknowledgements are taken and not looked at.
        threading.Thread(target=lambda: [None for _ in iter(lambda: peer.recv(1 << 20), b"")], daemon=True).start()
        block = b"".join(publish(number, qos) for number in range(1000))
        began = time.perf_counter()
        for _ in range(COUNT // 1000):
            peer.sendall(block)
        peer.shutdown(socket.SHUT_WR)
        assert process.wait() == 0, command
        return time.perf_counter() - began


def main():
    programs = {
        "i3 sub": [I3, "sub", "-u", "alice$parking$lot1"],
        "mosquitto_sub": ["mosquitto_sub", "-u", "alice$parking$lot1", "-P", "any"],
    }
    if not shutil.which("mosquitto_sub"):
        del programs["mosquitto_sub"]
    for qos in (0, 1):
        for name, command in programs.items():
            command = command + ["-t", TOPIC, "-q", str(qos), "-C", str(COUNT)]
            with tempfile.TemporaryFile() as out:
                run(command, qos, out)
                assert out.seek(0, os.SEEK_END) == COUNT * (len(PAYLOAD) + 1), name
            took = statistics.median(run(command, qos, subprocess.DEVNULL) for _ in range(3))
            print(f"QoS {qos}  {name:<14} {took:6.2f} s  {COUNT / took / 1000:6.0f} thousand messages/s")


if __name__ == "__main__":
    main()
