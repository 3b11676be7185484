"""A remote shell with the size handshake: the Python beside examples/tcp_exec_server.rs.

Whoever can connect runs commands: keep it on loopback. A command whose client has left runs to its end.
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
        conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # a size must not wait for the last output's arrival
        while True:
            cmd = conn.recv(MAX_COMMAND + 1)  # one byte more than a command shows that it is too long
            if not cmd:
                return
            if not cmd.strip():  # the end of a line that was typed behind an acknowledgement, in nc for one
                continue
            std_bytes = output(cmd) if len(cmd) <= MAX_COMMAND else TOO_LONG
            conn.sendall(str(len(std_bytes)).encode("utf-8"))
            status = conn.recv(4, socket.MSG_WAITALL)  # four and no more: a command may be glued to them
            if status != b"True":
                return
            conn.sendall(std_bytes)
            if len(cmd) > MAX_COMMAND:
                return


host, _, port = (sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:8088").rpartition(":")

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
        print("tcp_exec_server.py:", error, file=sys.stderr, flush=True)
        time.sleep(0.1)
        continue
    print("client address:", addr, flush=True)
    threading.Thread(target=handle_connection, args=(conn,), daemon=True).start()
