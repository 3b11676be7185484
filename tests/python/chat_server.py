"""A chat: each line goes to all other clients, its sender's address in front: the Python beside
examples/chat_server.rs. Whoever can connect takes part: keep it on loopback. A client that does not read is dropped
once MAX_QUEUE lines wait for it, not before.
"""

import contextlib
import queue
import re
import socket
import sys
import threading
import time

MAX_CLIENTS = 64  # each has two threads
MAX_LINE = 1024  # bytes with the newline; a longer line is passed on in pieces
MAX_QUEUE = 1024  # lines that may wait for one client; who is further behind is dropped
LINE_PAUSE = 0.0001  # seconds after each line: who floods is slowed down before the queues of the others are full
ACCEPT_PAUSE = 0.1  # seconds after a failed accept, which would fail again at once

clients = {}  # the connection and the queue of each
lock = threading.Lock()


def log(line):
    with contextlib.suppress(OSError):  # nobody reads stdout any more: the server goes on
        sys.stdout.write(line + "\n")  # in one: print writes the newline on its own, and lines of threads would mix
        sys.stdout.flush()


def write_lines(conn, lines):
    with conn, contextlib.suppress(OSError):
        while line := lines.get():
            conn.sendall(line.encode("utf-8"))
    # here the client has left, or has been dropped


def send_to_all(sender, line):
    with lock:
        for conn, lines in list(clients.items()):
            if conn is not sender:
                try:
                    lines.put_nowait(line)  # never waits, so a client that does not read delays nobody
                except queue.Full:
                    del clients[conn]
                    with contextlib.suppress(OSError):
                        conn.shutdown(socket.SHUT_RDWR)  # ends its two threads, even one that is stuck in a write


def read_lines(conn, addr):
    with conn.makefile("rb") as reader:
        while line := reader.readline(MAX_LINE):
            text = line.decode("utf-8", "replace").rstrip("\r\n")
            # Control characters, which could command the terminals of others, are spelt out; a tab is harmless.
            text = re.sub("[\0-\x08\x0a-\x1f\x7f-\x9f]", lambda found: "\\u{%x}" % ord(found[0]), text)
            send_to_all(conn, f"{addr}: {text}\n")
            log(f"{addr}: {text}")
            time.sleep(LINE_PAUSE)


def handle_connection(conn, addr):
    conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # a line must not wait for the one before
    lines = queue.Queue(MAX_QUEUE)
    threading.Thread(target=write_lines, args=(conn, lines), daemon=True).start()
    with lock:
        clients[conn] = lines
    log(f"client address: {addr}")  # not before others can reach it
    try:
        read_lines(conn, addr)
        ended = f"{addr} left"
    except OSError as error:
        ended = f"dropped {addr}: {error}"
    with lock:
        if clients.pop(conn, None) is None:
            ended = f"dropped {addr}: it did not read"
    with contextlib.suppress(OSError, queue.Full):
        lines.put_nowait(None)  # with either of the two the writing thread ends
        conn.shutdown(socket.SHUT_RDWR)
    log(ended)


host, _, port = (sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:8090").rpartition(":")

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
    if threading.active_count() > 2 * MAX_CLIENTS:
        log(f"dropped {addr}: there are {MAX_CLIENTS} clients already")
        conn.close()
        continue
    threading.Thread(target=handle_connection, args=(conn, addr), daemon=True).start()
