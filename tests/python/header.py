"""The message format: a 64-byte header says what follows and how long it is."""

import getpass
import socket
import struct
import time

HEADER = struct.Struct("!4sB3xQQ40s")  # magic, kind, length of the body, time in microseconds, user
COMMAND, STDOUT, STDERR, EXIT, REFUSED = 1, 2, 3, 4, 5
MAX_BODY = 65_536
USER = getpass.getuser().encode("utf-8")[:40].decode("utf-8", "ignore").encode("utf-8")


def send_message(conn, kind, body):
    now = time.time_ns() // 1000
    header = HEADER.pack(b"HDR1", kind, len(body), now, USER)
    conn.sendall(header + body)  # in one: in two, the body would wait for the acknowledgement of the header


def recv_message(conn):
    header = conn.recv(HEADER.size, socket.MSG_WAITALL)
    if not header:
        return None
    if len(header) < HEADER.size:
        raise ValueError("the stream ended inside a message")
    magic, kind, length, sent, user = HEADER.unpack(header)
    if magic != b"HDR1" or not COMMAND <= kind <= REFUSED or any(header[5:8]) or length > MAX_BODY:
        raise ValueError(f"not a header: {header}")
    body = conn.recv(length, socket.MSG_WAITALL)
    if len(body) < length:
        raise ValueError("the stream ended inside a message")
    return kind, body, sent, user.rstrip(b"\0").decode("utf-8", "replace")
