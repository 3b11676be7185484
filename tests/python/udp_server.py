"""Upper-case echo: sends each datagram back in capitals and prints who sent what."""

import socket
import sys

BUFSIZE = 1024

host, _, port = (sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:8080").rpartition(":")

sock_server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock_server.bind((host, int(port)))
print("listening on %s:%d" % sock_server.getsockname(), flush=True)
while True:
    msg, addr = sock_server.recvfrom(BUFSIZE)
    print("recv:", msg, addr, flush=True)
    sock_server.sendto(msg.upper(), addr)
