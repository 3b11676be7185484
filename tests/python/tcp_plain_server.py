"""A remote shell before any fix: the Python beside examples/tcp_plain_server.rs.

Whoever can connect runs commands: keep it on loopback. It holds the whole output, however much a command prints.
"""

import socket
import subprocess
import sys
import threading
import time

MAX_COMMAND = 1024
TOO_LONG = b"refused: longer than 1024 bytes, so nothing of it was run\n"


def output(cmd):
    res = subprocess.Popen(cmd.decode("utf-8"), shell=True, stdin=subprocess.DEVNULL,
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    stdout, stderr = res.communicate()  # both at once: neither pipe can block the command
    return stdout + stderr


def handle_connection(conn):
    with conn:
        conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # an output must not wait for the last one's arrival
        while True:
            cmd = conn.recv(MAX_COMMAND + 1)  # one byte more than a command shows that it is too long
            if not cmd:
                return
            if len(cmd) > MAX_COMMAND:
                conn.sendall(TOO_LONG)
                conn.shutdown(socket.SHUT_WR)
                while conn.recv(MAX_COMMAND):  # to close with bytes unread would be a reset, which overtakes the reason
                    pass
                return
            conn.sendall(output(cmd))


host, _, port = (sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:8080").rpartition(":")

s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
if sys.platform != "win32":  # there it would let two servers have one port
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind((host, int(port)))
s.listen(5)
print("listening on %s:%d" % s.getsockname(), flush=True)
while True:
    try:
        conn, addr = s.accept()
    except OSError as error:  # such as too many open files: without a pause it fails again at once
        print("tcp_plain_server.py:", error, file=sys.stderr, flush=True)
        time.sleep(0.1)
        continue
    print("client address:", addr, flush=True)
    threading.Thread(target=handle_connection, args=(conn,), daemon=True).start()
