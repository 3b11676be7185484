"""A chat: the Python beside examples/chat_server.rs.

Whoever can connect takes part: keep it on loopback.
"""

import contextlib
import queue
import re
import socket
import sys
import threading
import time

MAX_CLIENTS = 64  # each has two threads
MAX_NAME = 20  # characters
MAX_LINE = 1024  # characters with the line end, in the Rust bytes; a longer line is passed on in pieces
MAX_QUEUE = 1024  # lines that may wait for one client; one that is further behind is dropped
LINE_PAUSE = 0.0001  # seconds after each line: a client that floods is slowed down before the queues are full
LINGER = 1  # second in which a client that is turned away reads why
ACCEPT_PAUSE = 0.1  # seconds after a failed accept, which would fail again at once


class Client:
    def __init__(self, conn):
        self.conn = conn
        self.name = ""  # until it has one
        self.lines = queue.Queue(MAX_QUEUE)


clients = {}
lock = threading.Lock()
log_lines = queue.Queue(MAX_QUEUE)


def log(line):
    with contextlib.suppress(queue.Full):  # nobody reads stdout, and the server does not wait for it
        log_lines.put_nowait(line)


def tell(number, line):
    with lock, contextlib.suppress(KeyError, queue.Full):
        clients[number].lines.put_nowait(line)


def send_to_all(sender, line):
    waiting = [(sender, line)]
    while waiting:
        sender, line = waiting.pop()
        log(line)
        with lock:
            for number, client in list(clients.items()):
                if number == sender or not client.name:
                    continue
                try:
                    client.lines.put_nowait(line)  # never waits, so a client that does not read delays nobody
                except queue.Full:
                    with contextlib.suppress(OSError):
                        client.conn.shutdown(socket.SHUT_RDWR)
                    del clients[number]
                    waiting.append((0, f"* {client.name} was dropped: it did not read"))


def take_name(number, name):
    with lock:
        if any(client.name.lower() == name.lower() for client in clients.values()):
            return False
        clients[number].name = name
        return True


def write_lines(out, lines):
    with contextlib.suppress(OSError):
        while (line := lines.get()) is not None:
            out.write(line + "\n")
            out.flush()


def write_to_client(client):
    write_lines(client.conn.makefile("w", encoding="utf-8", newline="\n"), client.lines)
    with contextlib.suppress(OSError):
        client.conn.shutdown(socket.SHUT_RDWR)  # the reading thread ends, too


def printable(text):
    unfit = "[\0-\x08\n-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]"
    return re.sub(unfit, lambda found: "\\u{%x}" % ord(found[0]), text)


def receive_line(reader):
    line = reader.readline(MAX_LINE)
    text = printable(line.rstrip("\r\n"))
    if not line or text == "/quit":
        return None
    return text


def receive_name(number, reader):
    tell(number, "* your name?")
    while (line := receive_line(reader)) is not None:
        name = line.strip()
        if not 0 < len(name) <= MAX_NAME or ":" in name or "*" in name:
            tell(number, f"* a name has 1 to {MAX_NAME} characters, and no : or *; your name?")
        elif not take_name(number, name):
            tell(number, f"* the name {name} is taken; your name?")
        else:
            return name
    return None


def handle_connection(conn, number, addr):
    conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # a line does not wait for the one before
    client = Client(conn)
    with lock:
        is_full = len(clients) >= MAX_CLIENTS
        if not is_full:
            clients[number] = client
    if is_full:
        log(f"dropped {addr}: there are {MAX_CLIENTS} clients already")
        conn.sendall(f"* there are {MAX_CLIENTS} clients already, try again later\n".encode("utf-8"))
        conn.shutdown(socket.SHUT_WR)
        conn.settimeout(LINGER)
        conn.recv(MAX_LINE)  # closing with bytes unread would be a reset, which can overtake the answer
        return
    threading.Thread(target=write_to_client, args=(client,), daemon=True).start()
    log(f"client address: {addr}")
    reader = conn.makefile("r", encoding="utf-8", errors="replace", newline="\n")
    name = receive_name(number, reader)
    if name is None:
        return
    log(f"{addr} is {name}")
    send_to_all(0, f"* {name} is here")
    while (line := receive_line(reader)) is not None:
        if line.strip():
            send_to_all(number, f"{name}: {line}")
        time.sleep(LINE_PAUSE)


def serve(conn, number, addr):
    try:
        handle_connection(conn, number, addr)
    except (OSError, RuntimeError) as error:
        log(f"dropped {addr}: {error}")
    with lock:
        left = clients.pop(number, None)
    if left:
        with contextlib.suppress(queue.Full):
            left.lines.put_nowait(None)  # the writing thread ends when the client has its last lines
        if left.name:
            send_to_all(0, f"* {left.name} left")


host, _, port = (sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:8090").rpartition(":")

s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
if sys.platform != "win32":  # there it would let two servers have one port
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind((host, int(port)))
s.listen(128)
threading.Thread(target=write_lines, args=(sys.stdout, log_lines), daemon=True).start()
log("listening on %s:%d" % s.getsockname())
number = 0
while True:
    try:
        conn, addr = s.accept()
        number += 1
        threading.Thread(target=serve, args=(conn, number, "%s:%d" % addr), daemon=True).start()
    except (OSError, RuntimeError) as error:
        log(f"cannot serve a client: {error}")
        time.sleep(ACCEPT_PAUSE)
