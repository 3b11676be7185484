"""Sends a file to upload_server: the Python beside examples/upload_client.rs."""

import json
import os
import select
import socket
import struct
import sys

BLOCK_SIZE = 64 * 1024  # bytes read and sent at once
TIMEOUT = 60  # seconds in which a block is sent, and in which the answer comes: the server has to write first
MAX_ANSWER = 1024  # bytes


def has_answered(s):
    return bool(select.select([s], [], [], 0)[0])


def send_file(s, f, size):
    sent = 0
    shown = None
    while sent < size and not has_answered(s):
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
            print(f"\r{sent} of {size} bytes, {percent} %", end="", file=sys.stderr, flush=True)
            shown = percent
    if shown is not None:
        print(file=sys.stderr)
    return sent == size


def upload(path, ip_port):
    host, _, port = ip_port.rpartition(":")
    f = open(path, "rb")
    size = os.path.getsize(path)
    header = json.dumps({"filename": os.path.basename(path), "filesize": size})
    s = socket.create_connection((host, int(port)), TIMEOUT)
    s.sendall(struct.pack("<i", len(header)) + header.encode("utf-8"))
    is_whole = send_file(s, f, size)
    answer = s.makefile("r", encoding="utf-8").readline(MAX_ANSWER)
    return is_whole, size, answer.rstrip()


if len(sys.argv) < 2:
    sys.exit("usage: upload_client.py FILE [ADDR]")
path = sys.argv[1]
ip_port = sys.argv[2] if len(sys.argv) > 2 else "127.0.0.1:8091"
if not os.path.isfile(path):
    sys.exit(f"upload_client.py: {path} is not a file")
try:
    is_whole, size, answer = upload(path, ip_port)
except (OSError, ValueError) as error:
    sys.exit(f"upload_client.py: cannot send {path} to {ip_port}: {error}")
if not answer:
    sys.exit("upload_client.py: the server closed the connection without an answer")
if not is_whole or not answer.startswith("ok: "):
    sys.exit(f"upload_client.py: not taken: {answer}")
print(f"sent {size} bytes")
