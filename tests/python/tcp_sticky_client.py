"""The sticky packet on show: one receive of at most 100 bytes per command.

BUG ON PURPOSE: the rest of an output appears under the next command. tcp_exec_client.py cures it.
"""

import socket
import sys

BUFSIZE = 100
OUTPUT_TIMEOUT = 2  # seconds: a command without output sends nothing at all

host, _, port = (sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:8080").rpartition(":")

ssh_client = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
ssh_client.connect((host, int(port)))
ssh_client.settimeout(OUTPUT_TIMEOUT)
while True:
    cmd = input(">> ").strip()
    if not cmd:
        continue
    ssh_client.sendall(cmd.encode("utf-8"))
    try:
        cmd_res = ssh_client.recv(BUFSIZE)
    except socket.timeout:
        print("no output")
        continue
    if not cmd_res:
        break
    print(cmd_res.decode("utf-8", "replace"))
ssh_client.close()
