"""A remote shell with a header before all data: the Python beside examples/tcp_header_server.rs.

Whoever can connect runs commands: keep it on loopback. A command that its client has left runs on until it next prints.
"""

import getpass
import socket
import struct
import subprocess
import sys
import threading
import time

HEADER = struct.Struct("!4sB3xQQ40s")  # magic, kind, length of the body, time in microseconds, user
COMMAND, STDOUT, STDERR, EXIT, REFUSED = 1, 2, 3, 4, 5
MAX_BODY = 65_536
USER = getpass.getuser().encode("utf-8")[:40].decode("utf-8", "ignore").encode("utf-8")


def pack(kind, length):
    now = time.time_ns() // 1000
    return HEADER.pack(b"HDR1", kind, length, now, USER)


def send_message(conn, kind, body):
    conn.sendall(pack(kind, len(body)) + body)  # in one: no waiting in between


def recv_command(conn):
    header = conn.recv(HEADER.size, socket.MSG_WAITALL)
    if not header:
        return None
    if len(header) < HEADER.size:
        raise ValueError("the client closed the connection inside a header")
    magic, kind, length, sent, user = HEADER.unpack(header)
    if magic != b"HDR1" or kind != COMMAND or any(header[5:8]) or not 1 <= length <= MAX_BODY:
        raise ValueError(f"not the header of a command: {header}")
    body = conn.recv(length, socket.MSG_WAITALL)
    if len(body) < length:
        raise ValueError("the client closed the connection inside a command")
    return body.decode("utf-8"), user.rstrip(b"\0").decode("utf-8", "replace"), sent / 1_000_000


def relay(kind, pipe, conn, lock):
    with pipe:  # closed early, when the client has gone, it ends the command as soon as that prints
        while block := pipe.read1(MAX_BODY):
            with lock:
                send_message(conn, kind, block)


def run(cmd, conn):
    res = subprocess.Popen(cmd, shell=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    lock = threading.Lock()  # keeps messages whole
    thread = threading.Thread(target=relay, args=(STDERR, res.stderr, conn, lock))  # neither pipe can block the command
    thread.start()
    relay(STDOUT, res.stdout, conn, lock)
    thread.join()
    send_message(conn, EXIT, struct.pack("!i", res.wait()))


def handle_connection(conn, addr):
    with conn:
        conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # EXIT must not wait for STDOUT's acknowledgement
        try:
            while command := recv_command(conn):
                cmd, user, sent = command
                print(addr, f"user {user!a} time {sent:.6f}: {cmd!a}", flush=True)
                run(cmd, conn)
        except ValueError as error:
            send_message(conn, REFUSED, str(error).encode("utf-8")[:1024])
            conn.shutdown(socket.SHUT_WR)
            while conn.recv(MAX_BODY):  # to close with bytes unread would be a reset, which overtakes the reason
                pass


host, _, port = (sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:8089").rpartition(":")

s_server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
if sys.platform != "win32":  # there it would let two servers have one port
    s_server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s_server.bind((host, int(port)))
s_server.listen(5)
print("listening on %s:%d" % s_server.getsockname(), flush=True)
while True:
    try:
        conn, addr = s_server.accept()
    except OSError as error:  # such as too many open files: without a pause it fails again at once
        print("tcp_header_server.py:", error, file=sys.stderr, flush=True)
        time.sleep(0.1)
        continue
    print("client address:", addr, flush=True)
    threading.Thread(target=handle_connection, args=(conn, addr), daemon=True).start()
