"""Receives each output in 100-byte steps, as the server says how long it is: the Python beside
examples/tcp_exec_client.rs. A command that is too long is left to the server to refuse.
"""

import socket
import sys

BUFSIZE = 100

host, _, port = (sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:8088").rpartition(":")

s_client = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
s_client.connect((host, int(port)))
prompt = ">> " if sys.stdin.isatty() else ""
while True:
    try:
        line = input(prompt)
    except EOFError:
        break
    cmd = line.strip()
    if not cmd:
        continue
    s_client.sendall(cmd.encode("utf-8"))
    size = s_client.recv(BUFSIZE)
    if not size:
        sys.exit("tcp_exec_client.py: the server closed the connection")
    std_size = int(size.decode("utf-8"))
    s_client.sendall("True".encode("utf-8"))
    get_size = 0
    while get_size < std_size:
        res = s_client.recv(min(BUFSIZE, std_size - get_size))
        if not res:
            sys.exit(f"tcp_exec_client.py: the server closed the connection after {get_size} of {std_size} bytes")
        sys.stdout.buffer.write(res)
        get_size += len(res)  # what arrived, which may be less than what was asked for
s_client.close()
