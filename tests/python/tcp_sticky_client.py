"""Shows at most 100 bytes of each output: the Python beside examples/tcp_sticky_client.rs.

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
prompt = ">> " if sys.stdin.isatty() else ""
while True:
    try:
        line = input(prompt)
    except EOFError:
        break
    cmd = line.strip()
    if not cmd:
        continue
    ssh_client.sendall(cmd.encode("utf-8"))
    try:
        cmd_res = ssh_client.recv(BUFSIZE)
    except socket.timeout:
        print(f"tcp_sticky_client.py: no output within {OUTPUT_TIMEOUT} s", file=sys.stderr)
        continue
    if not cmd_res:
        sys.exit("tcp_sticky_client.py: the server closed the connection")
    sys.stdout.buffer.write(cmd_res)
ssh_client.close()
