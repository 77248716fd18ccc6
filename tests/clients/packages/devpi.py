"""Asks a devpi-server for an index of its root user that takes uploads, with the arguments address and index."""

import base64
import json
import sys
import urllib.request

address, index = sys.argv[1:]


def ask(method, path, body, **headers):
    request = urllib.request.Request(address + path, json.dumps(body).encode(), method=method)
    for key, value in {"Content-Type": "application/json", "Accept": "application/json", **headers}.items():
        request.add_header(key.replace("_", "-"), value)
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.load(answer)


token = ask("POST", "/+login", {"user": "root", "password": ""})["result"]["password"]
login = base64.b64encode(f"root:{token}".encode()).decode()
ask("PUT", f"/root/{index}", {"type": "stage", "bases": [], "volatile": False}, X_Devpi_Auth=login)
