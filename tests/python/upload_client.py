"""Sends a file to upload_server: the Python beside examples/upload_client.rs."""

import json
import os
import select
import socket
import struct
import sys

BLOCK_SIZE = 64 * 1024  # bytes read and sent at once: all that a file takes of memory
TIMEOUT = 60  # seconds in which a block can be sent, and in which the answer comes: the server has to write first
MAX_ANSWER = 1024  # bytes


def send_file(s, f, size):
    sent = 0
    shown = None
    while sent < size:
        if select.select([s], [], [], 0)[0]:
            break  # the server has answered already: it refuses
        data = f.read(min(size - sent, BLOCK_SIZE))
        if not data:
            sys.exit(f"upload_client.py: the file ended after {sent} of {size} bytes")
        try:
            s.sendall(data)
        except OSError:
            break  # the answer may say why
        sent += len(data)
        percent = sent * 100 // size
        if percent != shown and sys.stderr.isatty():
            shown = percent
            print(f"\r{sent} of {size} bytes, {percent} %", end="", file=sys.stderr, flush=True)
    if shown is not None:
        print(file=sys.stderr)
    return sent == size


if len(sys.argv) < 2:
    sys.exit("usage: upload_client.py FILE [ADDR]")
path = sys.argv[1]
host, _, port = (sys.argv[2] if len(sys.argv) > 2 else "127.0.0.1:8091").rpartition(":")

if not os.path.isfile(path):
    sys.exit(f"upload_client.py: {path} is not a file")
with open(path, "rb") as f:
    size = os.path.getsize(path)
    header = json.dumps({"filename": os.path.basename(path), "filesize": size}).encode("utf-8")

    s = socket.create_connection((host, int(port)), TIMEOUT)
    s.sendall(struct.pack("<i", len(header)) + header)  # in one: no waiting in between
    is_whole = send_file(s, f, size)
    answer = s.makefile("rb").readline(MAX_ANSWER).decode("utf-8", "replace").rstrip()
    if not answer:
        sys.exit("upload_client.py: the server closed the connection without an answer")
    if not is_whole or not answer.startswith("ok: "):
        sys.exit(f"upload_client.py: not taken: {answer}")
    print(f"sent {size} bytes")
    s.close()
