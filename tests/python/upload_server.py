"""Takes uploads, each a JSON header and a file, into a folder: the Python beside examples/upload_server.rs.

Whoever can connect fills the disk: keep it on loopback. Of two equal keys json.loads takes the last; the Rust refuses.
"""

import contextlib
import itertools
import json
import os
import re
import socket
import struct
import sys
import threading
import time

MAX_HEADER = 4096  # bytes of JSON: a name of 255 bytes, a size, and some keys more
MAX_SIZE = 16 * 1024**3  # bytes of one file
MAX_CLIENTS = 64  # each has a thread
BLOCK_SIZE = 64 * 1024  # bytes received and written at once: all that a file takes of memory
STALL_TIMEOUT = 10  # seconds for a header, or for a block of a file, from its first byte to its last
IDLE_TIMEOUT = 600  # seconds between two uploads
LINGER = 2  # seconds in which a client that was refused may read why
ACCEPT_PAUSE = 0.1  # seconds after a failed accept, which would fail again at once
NAME_KEYS = ["filename", "file_name"]
SIZE_KEYS = ["filesize", "file_size", "total_size"]
DEVICE = r"(CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(COM|LPT)[0-9¹²³])\s*(\..*)?"

numbers = itertools.count()


def log(line):
    with contextlib.suppress(OSError):  # nobody reads stdout any more: the server goes on
        sys.stdout.write(line + "\n")  # in one: print writes the newline on its own, and lines of threads would mix
        sys.stdout.flush()


def first_of(header, keys):
    for key in keys:
        if key in header:
            return header[key]
    raise ValueError(f"the header has no {keys[0]}")


def safe_name(name):
    name.encode("utf-8")  # fails for half a surrogate pair
    last = re.split(r"[/\\]", name)[-1]
    if re.search("^$|[. ]$|[\0-\x1f\x7f-\x9f:]", last) or re.fullmatch(DEVICE, last, re.IGNORECASE):
        raise ValueError(f"{last!r} is no name for a file")
    return last


def recv_some(conn, size, deadline):
    left = deadline - time.monotonic()
    if left <= 0:
        raise OSError("the upload stalled")
    conn.settimeout(left)
    return conn.recv(size)


def recv_exactly(conn, size, deadline):
    data = bytearray()
    while len(data) < size:
        block = recv_some(conn, size - len(data), deadline)
        if not block:
            raise ValueError("the upload ends too early")
        data += block
    return data


def receive_file(conn, f, size):
    while size > 0:
        block = recv_exactly(conn, min(size, BLOCK_SIZE), time.monotonic() + STALL_TIMEOUT)
        f.write(block)
        size -= len(block)
    f.flush()
    os.fsync(f.fileno())  # or the name could stand over a file without its bytes after a power cut


def refuse(conn, reason):
    """Answers and closes, but not with bytes unread: that would reset the connection, and the answer could be lost."""
    conn.sendall(f"refused: {reason}\n".encode("utf-8"))
    conn.shutdown(socket.SHUT_WR)
    deadline = time.monotonic() + LINGER
    while recv_some(conn, BLOCK_SIZE, deadline):
        pass


def receive_upload(conn, first, folder):
    name, size = receive_header(conn, first)
    path = os.path.join(folder, name)
    if os.path.lexists(path):
        raise ValueError(f"{name!r} exists")
    part = os.path.join(folder, f"{os.getpid()}-{next(numbers)}.part")
    try:
        with open(part, "xb") as f:
            receive_file(conn, f, size)
        os.link(part, path)  # a rename would replace a file that came meanwhile; this fails
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.remove(part)
    return name, size


def receive_header(conn, first):
    deadline = time.monotonic() + STALL_TIMEOUT
    (length,) = struct.unpack("<i", first + recv_exactly(conn, 3, deadline))
    if not 0 <= length <= MAX_HEADER:
        raise ValueError(f"a header of {length} bytes; at most {MAX_HEADER} are taken")
    header = json.loads(recv_exactly(conn, length, deadline).decode("utf-8"))
    if not isinstance(header, dict):
        raise ValueError("the header is not an object")
    name, size = first_of(header, NAME_KEYS), first_of(header, SIZE_KEYS)
    if not isinstance(name, str):
        raise ValueError("the file's name is not a string")
    if type(size) is not int or not 0 <= size <= MAX_SIZE:
        raise ValueError(f"a file of {size} bytes; 0 to {MAX_SIZE} are taken")
    return safe_name(name), size


def handle_connection(conn, addr, folder):
    with conn, contextlib.suppress(OSError):  # it has gone, or has been idle for too long
        while first := recv_some(conn, 1, time.monotonic() + IDLE_TIMEOUT):  # no byte here is an orderly end
            try:
                name, size = receive_upload(conn, first, folder)
            except (OSError, ValueError, RecursionError) as error:
                reason = getattr(error, "strerror", None) or error  # without the server's paths
                log(f"{addr}: refused: {reason}")
                return refuse(conn, reason)
            log(f"{addr}: {name!r}, {size} bytes")
            conn.sendall(f"ok: {name!r}, {size} bytes\n".encode("utf-8"))


args = sys.argv[1:] + ["127.0.0.1:8091", "uploads"][len(sys.argv) - 1:]
host, _, port = args[0].rpartition(":")
folder = args[1]
os.makedirs(folder, exist_ok=True)

s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
if sys.platform != "win32":  # there it would let two servers have one port
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind((host, int(port)))
s.listen(128)
log("listening on %s:%d" % s.getsockname())
while True:
    try:
        conn, addr = s.accept()
    except OSError as error:
        log(f"cannot accept a client: {error}")
        time.sleep(ACCEPT_PAUSE)
        continue
    addr = "%s:%d" % addr
    if threading.active_count() > MAX_CLIENTS:
        log(f"{addr}: refused: there are {MAX_CLIENTS} clients already")
        with conn, contextlib.suppress(OSError):
            conn.sendall(f"refused: there are {MAX_CLIENTS} clients already\n".encode("utf-8"))
        continue
    threading.Thread(target=handle_connection, args=(conn, addr, folder), daemon=True).start()
