"""A remote shell with a header in front of each message: output as it comes, stderr apart, the exit status.

Whoever can connect runs commands: keep it on loopback. A command whose client has left runs until it next prints.
"""

import socket
import struct
import subprocess
import sys
import threading

from header import EXIT, MAX_BODY, REFUSED, STDERR, STDOUT, recv_message, send_message


def relay(pipe, conn, kind, lock):
    while True:
        block = pipe.read1(MAX_BODY)
        if not block:
            break
        with lock:
            send_message(conn, kind, block)


def refuse(conn, why):
    send_message(conn, REFUSED, why.encode("utf-8")[:1024])


def handle_connection(conn, addr):
    print("client address:", addr, flush=True)
    lock = threading.Lock()  # keeps messages whole
    while True:
        try:
            message = recv_message(conn)
        except ValueError as error:
            refuse(conn, str(error))
            break
        if not message:
            break
        kind, cmd, sent, user = message
        print(addr, user, sent, cmd, flush=True)
        res = subprocess.Popen(
            cmd.decode("utf-8"), shell=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        thread = threading.Thread(target=relay, args=(res.stderr, conn, STDERR, lock))
        thread.start()
        relay(res.stdout, conn, STDOUT, lock)
        thread.join()
        status = min(res.wait(), 255)  # Windows has codes of 32 bits without a sign
        send_message(conn, EXIT, struct.pack("!i", status))
    conn.close()


host, _, port = (sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:8089").rpartition(":")

s_server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
s_server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s_server.bind((host, int(port)))
s_server.listen(5)
s_server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # EXIT must not wait for the acknowledgement of STDOUT
print("listening on %s:%d" % s_server.getsockname(), flush=True)
while True:
    conn, addr = s_server.accept()
    threading.Thread(target=handle_connection, args=(conn, addr), daemon=True).start()
