"""Two package indexes on loopback, `/internal/simple/` and `/public/simple/`, with tiny packages made as they are asked for.

A world is {side: {project: [file]}}; a file is written `VERSION[,WORD…]`: `sdist`, `egg`, `yanked`, `python<SPECIFIER>`,
`tag:PYTHON-ABI-PLATFORM`. Without a word about its kind it is a wheel for every Python 3.
"""

import gzip
import hashlib
import io
import json
import tarfile
import threading
import zipfile
from dataclasses import dataclass
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

JSON = "application/vnd.pypi.simple.v1+json"

BACKEND = '''
import zipfile

def _write(archive, name, text):
    archive.writestr(name, text)

def get_requires_for_build_wheel(config_settings=None):
    return []

def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    name, version = open("NAME").read().split()
    file = f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(f"{wheel_directory}/{file}", "w") as archive:
        info = f"{name}-{version}.dist-info"
        archive.writestr(f"{info}/METADATA", open("PKG-INFO").read())
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\\nGenerator: x\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        archive.writestr(f"{info}/RECORD", "")
    return file
'''


@dataclass(frozen=True)
class File:
    project: str
    version: str
    side: str
    kind: str = "wheel"
    tag: str = "py3-none-any"
    yanked: bool = False
    python: str | None = None

    @classmethod
    def parse(cls, project, text, side):
        version, *words = text.split(",")
        file = {"project": project, "version": version, "side": side}
        for word in words:
            if word in ("sdist", "egg"):
                file["kind"] = word
            elif word == "yanked":
                file["yanked"] = True
            elif word.startswith("tag:"):
                file["tag"] = word.removeprefix("tag:")
            elif word.startswith("python"):
                file["python"] = word.removeprefix("python").replace("&", ",")
            else:
                raise ValueError(f"{text}: {word} says nothing")
        return cls(**file)

    @property
    def name(self):
        stem = f"{self.project.replace('-', '_')}-{self.version}"
        match self.kind:
            case "sdist":
                return f"{stem}.tar.gz"
            case "egg":
                return f"{stem}-py3.11.egg"
        return f"{stem}-{self.tag}.whl"

    @property
    def metadata(self):
        python = f"Requires-Python: {self.python}\n" if self.python else ""
        return f"Metadata-Version: 2.2\nName: {self.project}\nVersion: {self.version}\nSummary: {self.side}\n{python}".encode()

    @property
    @cache
    def content(self):
        return self._sdist() if self.kind == "sdist" else self._wheel()

    def _wheel(self):
        stem = f"{self.project.replace('-', '_')}-{self.version}.dist-info"
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w") as archive:
            parts = {
                "METADATA": self.metadata,
                "WHEEL": f"Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: {self.tag}\n".encode(),
                "RECORD": b"",
            }
            for part, text in parts.items():
                archive.writestr(zipfile.ZipInfo(f"{stem}/{part}"), text)
        return made.getvalue()

    def _sdist(self):
        stem = f"{self.project.replace('-', '_')}-{self.version}"
        made = io.BytesIO()
        parts = {
            "PKG-INFO": self.metadata,
            "NAME": f"{self.project.replace('-', '_')} {self.version}".encode(),
            "backend.py": BACKEND.encode(),
            "pyproject.toml": b'[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n',
        }
        with gzip.GzipFile(fileobj=made, mode="wb", mtime=0) as packed, tarfile.open(fileobj=packed, mode="w") as archive:
            for part, text in parts.items():
                member = tarfile.TarInfo(f"{stem}/{part}")
                member.size = len(text)
                archive.addfile(member, io.BytesIO(text))
        return made.getvalue()


def page(project, files, base):
    """PEP 691, with the metadata of wheels beside them (PEP 714)."""
    return {
        "meta": {"api-version": "1.1"},
        "name": project,
        "versions": sorted({file.version for file in files}),
        "files": [
            {
                "filename": file.name,
                "url": f"{base}/{file.name}",
                "hashes": {"sha256": hashlib.sha256(file.content).hexdigest()},
                "size": len(file.content),
                "requires-python": file.python,
                "yanked": "broken" if file.yanked else False,
                "upload-time": "2026-01-01T00:00:00Z",
                "core-metadata": {"sha256": hashlib.sha256(file.metadata).hexdigest()} if file.kind == "wheel" else False,
            }
            for file in files
        ],
    }


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # An answer in one piece: of two the second waits for word that the first came, which takes an installer 40 ms.
    wbufsize = -1

    def do_GET(self):
        side, _, rest = unquote(self.path).lstrip("/").partition("/")
        world = self.server.world.get(side, {})
        match rest.strip("/").split("/"):
            case ["simple", project] if project in world:
                base = f"http://{self.headers['Host']}/{side}/files/{project}"
                self.answer(json.dumps(page(project, world[project], base)).encode(), JSON)
            case ["files", project, name] if project in world:
                wanted = name.removesuffix(".metadata")
                file = next((file for file in world[project] if file.name == wanted), None)
                if file is None:
                    return self.answer(b"no such file", "text/plain", 404)
                self.answer(file.metadata if wanted != name else file.content, "application/octet-stream")
            case _:
                self.answer(b"not found", "text/plain", 404)

    do_HEAD = do_GET

    def answer(self, body, kind, status=200):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_):
        pass


def serve(world):
    """Serves a world from now on; gives the server's address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.world = world
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"
