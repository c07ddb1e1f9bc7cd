"""Prints where the web server is to listen and how people reach it (two lines), or says why it cannot listen there."""

import errno
import os
import socket
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import config

try:
    base_url = config.from_env()["BASE_URL"]
except config.InvalidSettings as error:
    sys.exit(str(error))

host, port = os.environ["HOST"].strip("[]"), int(os.environ["PORT"])
try:
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind, protocol) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
except (socket.gaierror, UnicodeError):
    sys.exit(f"HOST={host} is no address of this machine. Try 127.0.0.1, or 0.0.0.0 for the whole network.")
except PermissionError:
    sys.exit(f"Port {port} is kept for root. Choose another: make run PORT=5000")
except OSError as error:
    reason = "is in use by another program" if error.errno == errno.EADDRINUSE else f"cannot be used ({error.strerror})"
    sys.exit(f"Port {port} of {host} {reason}. Choose another: make run PORT={port + 1 if port < 65535 else 5000}")

print(f"[{host}]:{port}" if ":" in host else f"{host}:{port}")
print(base_url)
