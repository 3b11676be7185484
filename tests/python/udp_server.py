"""Upper-case echo of each datagram: the Python beside examples/udp_server.rs.

It answers every port, even of a service that may echo for ever, and does not say when it has cut a datagram.
"""

import socket
import sys

BUFSIZE = 1024


def echo(sock_server):
    msg, addr = sock_server.recvfrom(BUFSIZE)
    print("recv:", msg, addr, flush=True)
    sock_server.sendto(msg.upper(), addr)  # bytes, so ASCII letters only


host, _, port = (sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:8080").rpartition(":")

sock_server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock_server.bind((host, int(port)))
print("listening on %s:%d" % sock_server.getsockname(), flush=True)
while True:
    try:
        echo(sock_server)
    except OSError as error:  # Windows reports a datagram over BUFSIZE, and a reply that reached nobody
        print("udp_server.py:", error, file=sys.stderr, flush=True)
