#!/usr/bin/env python3
"""What one server holds: idle connections while it answers, and requests sent ahead of their answers.

    bench/wire_load.py [--idle 5000] [--pipelined 10000] [--pullproof build/release/cli/pullproof]

Exit status 1 when an idle connection was lost or an answer is missing.
"""

import argparse
import json
import pathlib
import re
import resource
import socket
import subprocess
import sys
import threading

ROOT = pathlib.Path(__file__).resolve().parent.parent
REQUEST = b"GET /v2/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
ANSWER = b"HTTP/1.1 200 OK\r\n"


def ask(connection):
    """One request, and whether it was answered."""
    connection.sendall(REQUEST)
    return connection.recv(65536).startswith(ANSWER)


def resident_mib(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024


def idle(port, count, pid):
    connect = lambda: socket.create_connection(("127.0.0.1", port), timeout=60)
    before = resident_mib(pid)
    held = [connect() for _ in range(count)]
    first = sum(map(ask, held))  # from now on they are kept alive and idle
    with connect() as late:
        answered = sum(ask(late) for _ in range(1000))
    again = sum(map(ask, held))
    print(f"{count} idle connections: {first} answered before, {answered} of 1000 requests of "
          f"another one meanwhile, {again} answered after; "
          f"RSS {before:.1f} -> {resident_mib(pid):.1f} MiB")
    for connection in held:
        connection.close()
    return first == again == count and answered == 1000


def pipelined(port, count):
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        sender = threading.Thread(target=connection.sendall, args=(REQUEST * count,))
        sender.start()
        seen, tail = 0, b""
        while seen < count and (piece := connection.recv(1 << 20)):
            data = tail + piece
            seen += data.count(ANSWER)
            # What may be the start of an answer that the next piece ends.
            tail = data[-(len(ANSWER) - 1):]
        sender.join()
    print(f"{count} requests sent ahead: {seen} answered")
    return seen == count


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--idle", type=int, default=5000)
    parser.add_argument("--pipelined", type=int, default=10000)
    parser.add_argument("--pullproof", default=str(ROOT / "build/release/cli/pullproof"))
    options = parser.parse_args()
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with subprocess.Popen([options.pullproof, "serve"], stdout=subprocess.PIPE, text=True) as server:
        try:
            port = int(json.loads(server.stdout.readline())["listening"].rpartition(":")[2])
            held = idle(port, options.idle, server.pid)
            answered = pipelined(port, options.pipelined)
        finally:
            server.terminate()
    return 0 if held and answered else 1


if __name__ == "__main__":
    sys.exit(main())
