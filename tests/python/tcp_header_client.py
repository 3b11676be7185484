"""The client of tcp_header_server.py: shows stdout and stderr as they come, and a status that is not 0."""

import socket
import struct
import sys

from header import COMMAND, EXIT, STDERR, STDOUT, recv_message, send_message

host, _, port = (sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:8089").rpartition(":")

s_client = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
s_client.connect((host, int(port)))
while True:
    cmd = input(">> ").strip()
    if not cmd:
        continue
    send_message(s_client, COMMAND, cmd.encode("utf-8"))
    while True:
        message = recv_message(s_client)
        if not message:
            sys.exit("the server closed the connection")
        kind, body, sent, user = message
        if kind == STDOUT:
            sys.stdout.buffer.write(body)
            sys.stdout.flush()
        elif kind == STDERR:
            sys.stderr.buffer.write(body)
            sys.stderr.flush()
        elif kind == EXIT:
            (status,) = struct.unpack("!i", body)
            if status != 0:
                print("exit status", status)
            break
        else:
            sys.exit("refused: " + body.decode("utf-8", "replace"))
