"""Shows output as it comes, stdout and stderr apart: the Python beside examples/tcp_header_client.rs."""

import getpass
import socket
import struct
import sys
import time

HEADER = struct.Struct("!4sB3xQQ40s")  # magic, kind, length of the body, time in microseconds, user
COMMAND, STDOUT, STDERR, EXIT, REFUSED = 1, 2, 3, 4, 5
MAX_BODY = 65_536
USER = getpass.getuser().encode("utf-8")[:40].decode("utf-8", "ignore").encode("utf-8")


def send_message(conn, kind, body):
    now = time.time_ns() // 1000
    conn.sendall(HEADER.pack(b"HDR1", kind, len(body), now, USER) + body)  # in one: no waiting in between


def recv_exactly(conn, size):
    data = conn.recv(size, socket.MSG_WAITALL)
    if len(data) < size:
        sys.exit("tcp_header_client.py: the server closed the connection before it said the status")
    return data


def recv_message(conn):
    header = recv_exactly(conn, HEADER.size)
    magic, kind, length, _, _ = HEADER.unpack(header)
    if magic != b"HDR1" or not STDOUT <= kind <= REFUSED or any(header[5:8]) or length > MAX_BODY:
        sys.exit(f"tcp_header_client.py: not the header of an answer: {header}")
    return kind, recv_exactly(conn, length) if length else b""


host, _, port = (sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:8089").rpartition(":")

s_client = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
s_client.connect((host, int(port)))
prompt = ">> " if sys.stdin.isatty() else ""
while True:
    try:
        line = input(prompt)
    except EOFError:
        break
    cmd = line.strip()
    if not cmd:
        continue
    send_message(s_client, COMMAND, cmd.encode("utf-8"))
    while True:
        kind, body = recv_message(s_client)
        if kind == STDOUT:
            sys.stdout.buffer.write(body)
            sys.stdout.flush()
        elif kind == STDERR:
            sys.stderr.buffer.write(body)
            sys.stderr.flush()
        elif kind == EXIT:
            (status,) = struct.unpack("!i", body)
            if status != 0:
                print(f"tcp_header_client.py: status {status}", file=sys.stderr)
            break
        else:
            sys.exit("tcp_header_client.py: refused: " + body.decode("utf-8", "replace"))
s_client.close()
