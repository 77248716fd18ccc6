"""Lets the real pip, uv and Poetry resolve every row of the table from two indexes.

Usage: resolve.py TABLE. Prints a JSON object: `versions` of the three, and for each row and installer `yes`, `no` or
`unknown`: whether the public release is taken, in every environment that the row leaves open, in none, or in some.

Programs are those of this interpreter's environment. They get an empty home, and no address but the server's.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from indexes import File, serve
from warm import PATIENCE, Forge

BIN = Path(sys.executable).parent
SIDES = ("internal", "public")
# Where a row leaves the version of Python open: one below all that are supported, and the ends and the middle of those.
PYTHONS = ("3.7", "3.10", "3.12", "3.15")
UNSUPPORTED = {"3.7"}
# Where it leaves the platform open, as pip and as uv call it.
PLATFORMS = {"linux": ("manylinux2014_x86_64", "linux"), "windows": ("win_amd64", "windows"), "macos": ("macosx_11_0_arm64", "macos")}
# What stands for an internal version that nobody declared: none, the lowest and the highest.
UNDECLARED = (None, "0.0.1", "99999.0")


@dataclass(frozen=True)
class Row:
    name: str
    internal: str
    public: str

    @classmethod
    def read(cls, line):
        name, internal, public = (cell.strip() for cell in line.split("|")[:3])
        return cls(name, internal, public)

    def projects(self):
        """A project for each internal version that it may be; `None`: the internal index does not have it."""
        if self.internal != "-":
            return {self.name: self.internal}
        return {f"{self.name}-{n}": version for n, version in enumerate(UNDECLARED)}

    @property
    def pythons(self):
        return PYTHONS if "python" in self.public else ("3.12",)

    @property
    def platforms(self):
        return tuple(PLATFORMS) if "tag:" in self.public else ("linux",)


@dataclass(frozen=True)
class Place:
    """An environment, and the index that is named first."""

    python: str = "3.12"
    platform: str = "linux"
    first: str = "internal"

    @property
    def second(self):
        return SIDES[SIDES.index(self.first) - 1]


def world(rows):
    made = {side: {} for side in SIDES}
    for row in rows:
        for project, internal in row.projects().items():
            if internal:
                made["internal"][project] = [File.parse(project, text, "internal") for text in internal.split()]
            made["public"][project] = [File.parse(project, text, "public") for text in row.public.split() if text != "-"]
    return made


class Tools:
    def __init__(self, base, home):
        self.base, self.home = base, home
        self.environment = {"PATH": f"{BIN}:/usr/bin:/bin", "HOME": str(self.home), "NO_PROXY": "127.0.0.1", "LANG": "C.UTF-8",
                            "POETRY_VIRTUALENVS_CREATE": "false", "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}
        self.forges = {program: Forge(program, self.environment) for program in ("pip", "poetry")}

    def index(self, side):
        return f"{self.base}/{side}/simple/"

    def run(self, program, *arguments, cwd=None):
        cwd = cwd or self.home
        if program in self.forges:
            return self.forges[program].run(arguments, cwd)
        return subprocess.run([BIN / program, *arguments], cwd=cwd, env=self.environment, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=PATIENCE)

    def pip(self, projects, place, *options):
        """Resolves all at once; a project that has nothing is left out and the rest asked for again."""
        taken, left = {}, list(projects)
        while left:
            with tempfile.TemporaryDirectory(dir=self.home) as target:
                done = self.run("pip", "--isolated", "install", "--dry-run", "--quiet", "--no-deps",
                                "--no-cache-dir", "--disable-pip-version-check", "--report", "-", "--target", target,
                                "--python-version", place.python, "--platform", PLATFORMS[place.platform][0],
                                "-i", self.index(place.first), "--extra-index-url", self.index(place.second), *options, *left)
            if done.returncode == 0:
                for item in json.loads(done.stdout)["install"]:
                    taken[item["metadata"]["name"]] = "/public/" in item["download_info"]["url"]
                break
            missing = re.search(r"No matching distribution found for (\S+)", done.stderr)
            if not missing:
                raise RuntimeError(done.stderr)
            taken[missing[1]] = False
            left.remove(missing[1])
        return taken

    def uv(self, projects, place, *options):
        """Installs all at once, like `pip`; what was installed says where it came from."""
        taken, left = {}, list(projects)
        while left:
            with tempfile.TemporaryDirectory(dir=self.home) as target:
                done = self.run("uv", "pip", "install", "--no-config", "--no-cache", "--no-deps", "--quiet", "--target", target,
                                "--no-python-downloads", "--python-version", place.python,
                                "--python-platform", PLATFORMS[place.platform][1], *options, *left)
                if done.returncode == 0:
                    for metadata in Path(target).glob("*.dist-info/METADATA"):
                        text = metadata.read_text()
                        taken[re.search(r"^Name: (.*)", text, re.M)[1]] = "Summary: public" in text
                    break
            self.leave_out(left, taken, done.stderr, r"(?<![\w-]){}(?![\w-])")
        return taken

    @staticmethod
    def leave_out(left, taken, said, form):
        """Notes that nothing is taken for the projects that an installer names as the reason for its failure."""
        missing = [project for project in left if re.search(form.format(re.escape(project)), said)]
        if not missing:
            raise RuntimeError(said)
        for project in missing:
            taken[project] = False
            left.remove(project)

    def uv_first_index(self, projects, place):
        return self.uv(projects, place, "--index", self.index("internal"), "--default-index", self.index("public"))

    def uv_best_match(self, projects, place):
        return self.uv(projects, place, "--index-strategy", "unsafe-best-match", "--index", self.index(place.first),
                       "--default-index", self.index(place.second))

    def poetry_primary(self, projects, place):
        return self.poetry(projects, place, [(place.first, "primary"), (place.second, "primary")])

    def poetry_supplemental(self, projects, place):
        return self.poetry(projects, place, [("public", "primary"), ("internal", "supplemental")])

    def poetry_private(self, projects, place):
        return self.poetry(projects, place, [("internal", "primary"), ("public", "supplemental")])

    def poetry_explicit(self, projects, place):
        return self.poetry(projects, place, [("public", "primary"), ("internal", "explicit")], bound="internal")

    def poetry(self, projects, place, sources, bound=None):
        """Locks all at once, like `pip`. `sources`: name and priority, in order; `bound`: the source of each dependency."""
        taken, left = {}, list(projects)
        while left:
            with tempfile.TemporaryDirectory(dir=self.home) as folder:
                source = f', source = "{bound}"' if bound else ""
                lines = ["[tool.poetry]", "package-mode = false", "[tool.poetry.dependencies]",
                         # Poetry itself must be able to run in it; whose Python it is stands with the dependency.
                         'python = ">=3.7,<4"',
                         *(f'{project} = {{ version = "*", python = "~{place.python}"{source} }}' for project in left)]
                for name, priority in sources:
                    lines += ["[[tool.poetry.source]]", f'name = "{name}"', f'url = "{self.index(name)}"', f'priority = "{priority}"']
                Path(folder, "pyproject.toml").write_text("\n".join(lines) + "\n")
                done = self.run("poetry", "lock", "--no-interaction", "--no-cache", cwd=folder)
                lock = Path(folder, "poetry.lock")
                text = lock.read_text() if lock.exists() else ""
            if done.returncode == 0:
                for part in text.split("[[package]]")[1:]:
                    name = re.search(r'^name = "(.*)"', part, re.M)[1]
                    taken[name] = re.search(r'^reference = "(.*)"', part, re.M)[1] == "public"
                break
            said = done.stdout + done.stderr
            self.leave_out(left, taken, said, r"(?<![\w-]){} \(")
        return taken


# Each installer: how it is run, whether the order of the indexes matters, and whether platforms do.
INSTALLERS = {
    "pip": (Tools.pip, True, True),
    "pip-pre": (lambda tools, projects, place: tools.pip(projects, place, "--pre"), True, True),
    "uv": (Tools.uv_first_index, False, True),
    "uv-unsafe-best-match": (Tools.uv_best_match, True, True),
    "poetry": (Tools.poetry_primary, True, False),
    "poetry-supplemental": (Tools.poetry_supplemental, False, False),
    "poetry-private": (Tools.poetry_private, False, False),
    "poetry-explicit": (Tools.poetry_explicit, False, False),
}
# Projects that are resolved at once.
BATCH = 25


def jobs(rows):
    """Every run that is needed: installer, place, projects."""
    for installer, (_, ordered, on_platforms) in INSTALLERS.items():
        groups = {}
        for row in rows:
            for python, platform in product(row.pythons, row.platforms if on_platforms else ("linux",)):
                # The order decides between equal versions, and does so everywhere alike: tried in one place.
                both = ordered and Place(python, platform) == Place()
                for first in SIDES if both else SIDES[:1]:
                    groups.setdefault(Place(python, platform, first), []).extend(row.projects())
        for place, projects in groups.items():
            yield from ((installer, place, projects[at : at + BATCH]) for at in range(0, len(projects), BATCH))


def answer(taken, row, installer):
    """Of a row: what its environments have in common. In which order the indexes stand is the attacker's luck."""
    by_environment = {}
    for (project, place), public in taken[installer].items():
        if project in row.projects():
            environment = (project, place.python, place.platform)
            by_environment[environment] = by_environment.get(environment, False) or public
    if not any(by_environment.values()):
        return "no"
    supported = all(public for (_, python, _), public in by_environment.items() if python not in UNSUPPORTED)
    return "yes" if supported else "unknown"


def main(table):
    rows = [Row.read(line) for line in Path(table).read_text().splitlines() if line and not line.startswith("#")]
    taken = {installer: {} for installer in INSTALLERS}
    with tempfile.TemporaryDirectory() as home, ThreadPoolExecutor(os.cpu_count()) as pool:
        tools = Tools(serve(world(rows)), Path(home))

        def resolve(job):
            installer, place, projects = job
            return installer, place, INSTALLERS[installer][0](tools, projects, place)

        for installer, place, found in pool.map(resolve, jobs(rows)):
            taken[installer].update({(project, place): public for project, public in found.items()})
        said = {name: tools.run(name, "--version").stdout.strip().split(" from ")[0] for name in ("pip", "uv", "poetry")}
    answers = {row.name: {installer: answer(taken, row, installer) for installer in INSTALLERS} for row in rows}
    print(json.dumps({"versions": list(said.values()), "answers": answers}))


if __name__ == "__main__":
    main(sys.argv[1])
