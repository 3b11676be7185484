"""Takes uploads, each a JSON header and a file, into a folder: the Python beside examples/upload_server.rs.

Whoever can connect fills the disk: keep it on loopback.
"""

import contextlib
import json
import os
import queue
import re
import socket
import struct
import sys
import threading
import time

MAX_CLIENTS = 64  # each has a thread
MAX_HEADER = 8 * 1024  # bytes of JSON
MAX_SIZE = 16 * 1024**3  # bytes of one file
MAX_QUEUE = 1024  # lines that may wait until stdout takes them
BLOCK_SIZE = 8 * 1024  # bytes received and written at once
TIMEOUT = 30  # seconds in which something must come, or go
LINGER = 2  # seconds in which a client that was refused may read why
ACCEPT_PAUSE = 0.1  # seconds after a failed accept, which would fail again at once
NAME_KEYS = ["filename", "file_name"]
SIZE_KEYS = ["filesize", "file_size", "total_size"]
DEVICES = r"(CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(COM|LPT)[0-9¹²³])\s*(\..*)?"

log_lines = queue.Queue(MAX_QUEUE)


def log(line):
    with contextlib.suppress(queue.Full):  # nobody reads stdout, and the server does not wait for it
        log_lines.put_nowait(line)


def write_log():
    with contextlib.suppress(OSError):
        while True:
            print(log_lines.get(), flush=True)


def recv_exactly(conn, size):
    data = b""
    while len(data) < size:
        block = conn.recv(size - len(data))
        if not block:
            raise ValueError("the peer closed in the middle of a message")
        data += block
    return data


def receive_header(conn):
    prefix = conn.recv(1)
    if not prefix:
        return None
    (length,) = struct.unpack("<i", prefix + recv_exactly(conn, 3))
    if not 0 <= length <= MAX_HEADER:
        raise ValueError(f"expected a length of 0 to {MAX_HEADER} in 4 bytes, got one of {length}")
    header = json.loads(recv_exactly(conn, length).decode("utf-8"))
    if not isinstance(header, dict):
        raise ValueError("expected a JSON object of strings and numbers")
    return header


def copy_exact(conn, f, size):
    copied = 0
    while copied < size:
        block = conn.recv(min(size - copied, BLOCK_SIZE))
        if not block:
            raise ValueError(f"only {copied} of {size} bytes came")
        f.write(block)
        copied += len(block)


def field(header, keys):
    for key in keys:
        if key in header:
            return str(header[key])
    raise ValueError(f"the header has no {keys[0]}")


def safe_name(name):
    last = re.split(r"[/\\]", name)[-1]
    if re.search("^$|[. ]$|[\0-\x1f\x7f-\x9f:]", last) or re.fullmatch(DEVICES, last, re.IGNORECASE):
        raise ValueError(f"{last!r} is no name for a file")
    return last


def receive_file(conn, f, size):
    with f:
        copy_exact(conn, f, size)
        f.flush()
        os.fsync(f.fileno())  # so that `ok` means: it is on the disk


def receive_upload(conn, folder):
    header = receive_header(conn)
    if header is None:
        return None
    name = safe_name(field(header, NAME_KEYS))
    size = field(header, SIZE_KEYS)
    if not (size.isdecimal() and int(size) <= MAX_SIZE):
        raise ValueError(f"a file of {size} bytes; 0 to {MAX_SIZE} are taken")
    path = os.path.join(folder, name)
    try:
        f = open(path, "xb")  # fails if there is anything of that name, and follows no link
    except FileExistsError:
        raise ValueError(f"{name!r} exists")
    try:
        receive_file(conn, f, int(size))
    except (OSError, ValueError):
        os.remove(path)
        raise
    return f"{name!r}, {size} bytes"


def refuse(conn, reason):
    conn.sendall(f"refused: {reason}\n".encode("utf-8"))
    conn.shutdown(socket.SHUT_WR)
    conn.settimeout(LINGER)
    started = time.monotonic()
    while time.monotonic() - started < LINGER and conn.recv(BLOCK_SIZE):
        pass  # closing with bytes unread would be a reset, which can overtake the answer


def handle_connection(conn, addr, folder, is_full):
    conn.settimeout(TIMEOUT)
    if is_full:
        log(f"{addr}: refused: there are {MAX_CLIENTS} clients already")
        return refuse(conn, f"there are {MAX_CLIENTS} clients already")
    while True:
        try:
            received = receive_upload(conn, folder)
        except (OSError, ValueError, RecursionError) as error:
            timed_out = isinstance(error, socket.timeout)
            reason = f"nothing came for {TIMEOUT} s" if timed_out else getattr(error, "strerror", None) or error
            log(f"{addr}: refused: {reason}")
            return refuse(conn, reason)
        if received is None:
            return
        log(f"{addr}: {received}")
        conn.sendall(f"ok: {received}\n".encode("utf-8"))


def serve(conn, addr, folder, is_full):
    with conn, contextlib.suppress(OSError):  # it has gone
        handle_connection(conn, addr, folder, is_full)


host, _, port = (sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:8091").rpartition(":")
folder = sys.argv[2] if len(sys.argv) > 2 else "uploads"
os.makedirs(folder, exist_ok=True)

s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
if sys.platform != "win32":  # there it would let two servers have one port
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind((host, int(port)))
s.listen(128)
threading.Thread(target=write_log, daemon=True).start()
log("listening on %s:%d" % s.getsockname())
clients = []
while True:
    try:
        conn, addr = s.accept()
        clients = [client for client in clients if client.is_alive()]
        is_full = len(clients) >= MAX_CLIENTS
        client = threading.Thread(target=serve, args=(conn, "%s:%d" % addr, folder, is_full), daemon=True)
        client.start()
        if not is_full:
            clients.append(client)
    except (OSError, RuntimeError) as error:
        log(f"cannot serve a client: {error}")
        time.sleep(ACCEPT_PAUSE)
