"""A remote shell before any fix: runs a command, sends its output, marks no end.

Whoever can connect runs commands: keep it on loopback. A command whose client has left runs to its end.
"""

import socket
import subprocess
import sys
import threading

BUFSIZE = 1024
TOO_LONG = b"refused: longer than 1024 bytes, so nothing of it was run\n"


def handle_connection(conn, addr):
    print("client address:", addr, flush=True)
    while True:
        cmd = conn.recv(BUFSIZE + 1)  # one byte more than a command shows that it is too long
        if not cmd:
            break
        if len(cmd) > BUFSIZE:
            conn.sendall(TOO_LONG)
            break
        res = subprocess.run(cmd.decode("utf-8"), shell=True, stdin=subprocess.DEVNULL, capture_output=True)
        conn.sendall(res.stdout + res.stderr)
    conn.close()


host, _, port = (sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:8080").rpartition(":")

s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind((host, int(port)))
s.listen(5)
print("listening on %s:%d" % s.getsockname(), flush=True)
while True:
    conn, addr = s.accept()
    threading.Thread(target=handle_connection, args=(conn, addr), daemon=True).start()
