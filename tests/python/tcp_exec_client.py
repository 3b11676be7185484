"""The client of tcp_exec_server.py: learns the size of each output, answers `True`, receives 100 bytes at a time."""

import socket
import sys

BUFSIZE = 100

host, _, port = (sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:8088").rpartition(":")

s_client = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
s_client.connect((host, int(port)))
while True:
    cmd = input(">> ").strip()
    if not cmd:
        continue
    s_client.sendall(cmd.encode("utf-8"))
    std_size = int(s_client.recv(BUFSIZE).decode("utf-8"))
    s_client.sendall("True".encode("utf-8"))
    get_size = 0
    while get_size < std_size:
        res = s_client.recv(min(BUFSIZE, std_size - get_size))
        if not res:
            sys.exit("the server closed the connection")
        sys.stdout.buffer.write(res)
        get_size += len(res)  # what came, which may be less than what was asked for
    sys.stdout.flush()
