"""Finds the setting of pip or uv that asked the public index for an internal package.

It reads settings alone: it opens no connection, sends nothing and changes nothing. Ends with 1 when it found a mistake, with
2 when something could not be read, else with 0.
"""

import configparser
import glob
import importlib
import os
import re
import sys
from urllib.parse import urlsplit

NAME = {{ name | literal }}
COMPANY = {{ company | literal }}
CONTACT = {{ contact | literal }}
INDEX = {{ index | literal }}
PUBLIC = {{ registry | literal }}
DIST_INFO = {{ dist_info | literal }}

OURS = INDEX or "the address of {}'s index (ask {})".format(COMPANY, CONTACT)


class Report:
    """What was found: mistakes with their remedy, what could not be read, and the indexes of each tool."""

    def __init__(self):
        self.mistakes = []
        self.unread = []
        self.private = {"pip": [], "uv": []}

    def mistake(self, place, what, remedy):
        if (place, what, remedy) not in self.mistakes:
            self.mistakes.append((place, what, remedy))

    def other(self, tool, place, address):
        """An index that is not the public one."""
        if host(address):
            self.private[tool].append((place, host(address)))
        else:
            self.unread.append((place, "the address of the index has no host"))

    def alone(self, tool, place):
        self.mistake(place, "{} asks the public index alone".format(tool), "name {} in its place".format(OURS))


def host(address):
    """The host of an address and its port, never its account."""
    try:
        return urlsplit(address).netloc.rpartition("@")[2].lower()
    except ValueError:
        return ""


def is_public(address):
    return host(address) == PUBLIC or host(address).endswith("." + PUBLIC)


def first_of(*names):
    """The first of these variables that is set."""
    values = [os.environ[name] for name in names if os.environ.get(name)]
    return values[0] if values else None


def config_home():
    return first_of("XDG_CONFIG_HOME") or os.path.expanduser(os.path.join("~", ".config"))


def config_dirs():
    return (first_of("XDG_CONFIG_DIRS") or "/etc/xdg").split(os.pathsep) + ["/etc"]


# pip: https://pip.pypa.io/en/stable/topics/configuration/


def pip_files():
    """The files that pip reads, the strongest last."""
    named = os.environ.get("PIP_CONFIG_FILE")
    if named == os.devnull:
        return []
    home = os.path.expanduser("~")
    if os.name == "nt":
        roots = [os.environ.get("ALLUSERSPROFILE", "C:\\ProgramData"), os.environ.get("APPDATA", home)]
        files = [os.path.join(root, "pip", "pip.ini") for root in roots]
        files += [os.path.join(home, "pip", "pip.ini"), os.path.join(sys.prefix, "pip.ini")]
    else:
        files = [os.path.join(root, "pip", "pip.conf") for root in config_dirs()[:-1]] + ["/etc/pip.conf"]
        files += [os.path.join(root, "Library/Application Support/pip/pip.conf") for root in ("/", home)]
        files += [os.path.join(home, ".pip", "pip.conf"), os.path.join(config_home(), "pip", "pip.conf")]
        files += [os.path.join(sys.prefix, "pip.conf")]
    return files + ([named] if named else [])


def pip_settings(report):
    """Each setting of an index: place, key, addresses."""
    for path in pip_files():
        if os.path.exists(path):
            yield from pip_file(report, path)
    for name, value in sorted(os.environ.items()):
        if name.startswith("PIP_") and value.strip():
            yield name, name[4:].lower().replace("_", "-"), value.split()
    for path in sorted(glob.glob("*requirements*.txt") + glob.glob("*constraints*.txt")):
        yield from requirements(report, path)


def pip_file(report, path):
    parser = configparser.RawConfigParser()
    try:
        with open(path, encoding="utf-8") as file:
            parser.read_file(file)
    except (OSError, UnicodeError, configparser.Error) as error:
        report.unread.append((path, error))
        return
    for section in parser.sections():
        for key, value in parser.items(section):
            key = key.lower().replace("_", "-").lstrip("-")
            yield "{}, [{}] {}".format(path, section, key), key, value.split()


def requirements(report, path):
    """The options of a requirements file in this directory."""
    try:
        with open(path, encoding="utf-8") as file:
            lines = file.read().splitlines()
    except (OSError, UnicodeError) as error:
        report.unread.append((path, error))
        return
    for number, line in enumerate(lines, 1):
        option = re.match(r"\s*(?:--(extra-index-url|index-url)|(-i))[\s=]+(\S+)", line)
        if option:
            yield "{}, line {}".format(path, number), option.group(1) or "index-url", [option.group(3)]


def look_at_pip(report):
    main = None
    for place, key, addresses in pip_settings(report):
        if key == "extra-index-url" and addresses:
            what = "pip asks {} besides its index, and takes the highest version, whoever published it".format(
                " and ".join(sorted({host(address) or "another index" for address in addresses}))
            )
            remedy = "take it out, and give pip a single index that serves both kinds: index-url = " + OURS
            report.mistake(place, what, remedy)
            for address in addresses:
                if host(address) and not is_public(address):
                    report.other("pip", place, address)
        elif key == "index-url" and addresses:
            main = (place, addresses[0])
    if main and not is_public(main[1]):
        report.other("pip", *main)
    elif main and not report.mistakes:
        report.alone("pip", main[0])


# uv: https://docs.astral.sh/uv/concepts/indexes/


def uv_files():
    """The files that uv reads, the strongest first."""
    if os.environ.get("UV_NO_CONFIG", "").lower() in ("1", "true", "yes", "on"):
        return []
    if os.environ.get("UV_CONFIG_FILE"):
        return [os.environ["UV_CONFIG_FILE"]]
    if os.name == "nt":
        roots = [os.environ.get("APPDATA", ""), os.environ.get("PROGRAMDATA", "C:\\ProgramData")]
    else:
        roots = [config_home()] + config_dirs()
    return uv_project() + [os.path.join(root, "uv", "uv.toml") for root in roots]


def uv_project():
    """The settings of the project around this directory: its own file, else its pyproject.toml."""
    try:
        above = os.getcwd()
    except OSError:
        return []
    while True:
        for name in ("uv.toml", "pyproject.toml"):
            path = os.path.join(above, name)
            if os.path.exists(path):
                return [path]
        above, below = os.path.dirname(above), above
        if above == below:
            return []


def toml(path):
    """The tables of a file. Python has a reader since 3.11; pip brings one along."""
    for name in ("tomllib", "tomli", "pip._vendor.tomli"):
        try:
            reader = importlib.import_module(name)
        except ImportError:
            continue
        with open(path, "rb") as file:
            return reader.load(file)
    raise ValueError("this Python has no reader for TOML; look for extra-index-url and index-strategy yourself")


def table(value, *keys):
    """The table below these keys; an empty one where there is none."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def uv_tables(report):
    """Each table of settings with its place, the strongest first."""
    environment = {
        "index": [entry.split("=", 1)[-1] if "://" in entry.split("=", 1)[-1] else entry for entry in words("UV_INDEX")],
        "default": (words("UV_DEFAULT_INDEX") + words("UV_INDEX_URL"))[:1],
        "extra-index-url": words("UV_EXTRA_INDEX_URL"),
        "index-strategy": first_of("UV_INDEX_STRATEGY"),
    }
    yield "the environment (UV_…)", environment
    for path in uv_files():
        if not os.path.exists(path):
            continue
        try:
            whole = toml(path)
        except (OSError, UnicodeError, ValueError) as error:
            report.unread.append((path, error))
            continue
        settings = table(whole, "tool", "uv") if os.path.basename(path) == "pyproject.toml" else table(whole)
        yield path, settings
        yield path + ", [pip]", table(settings, "pip")


def words(name):
    return os.environ.get(name, "").split()


def listed(value):
    return [value] if isinstance(value, str) else value if isinstance(value, list) else []


def uv_indexes(place, settings):
    """The indexes of one table in uv's order, its default, and those that are asked for what is pinned to them alone."""
    order, default, explicit = [], [], []
    for entry in listed(settings.get("index")):
        entry = entry if isinstance(entry, dict) else {"url": entry}
        kind = default if entry.get("default") else explicit if entry.get("explicit") else order
        kind.append((place, entry.get("url")))
    order += [(place, address) for address in listed(settings.get("extra-index-url"))]
    default += [(place, address) for address in listed(settings.get("default")) + listed(settings.get("index-url"))]
    return tuple([found for found in kind if isinstance(found[1], str)] for kind in (order, default, explicit))


def look_at_uv(report):
    order, default, explicit, pinned = [], [], [], False
    for place, settings in uv_tables(report):
        strategy = settings.get("index-strategy")
        if isinstance(strategy, str) and strategy.startswith("unsafe-"):
            what = "index-strategy {} lets every index answer for every name".format(strategy)
            remedy = "take it out: uv then takes a package from the first index that has it; list {} first".format(OURS)
            report.mistake(place, what, remedy)
        pinned = pinned or NAME in map(normal, table(settings, "sources"))
        for all_of_kind, found in zip((order, default, explicit), uv_indexes(place, settings)):
            all_of_kind += found
    public = None
    for place, address in order + default[:1]:
        if is_public(address):
            public = public or place
            continue
        report.other("uv", place, address)
        if public:
            what = "the public index stands before {}, and uv takes the first that has the name".format(host(address))
            report.mistake(public, what, "put {} first".format(OURS))
    for place, address in [] if report.private["uv"] or pinned else explicit:
        what = "{} is explicit: uv asks it only for what [tool.uv.sources] gives to it".format(host(address))
        report.mistake(place, what, "name the index of {} there".format(NAME))
    if public and not report.private["uv"]:
        report.alone("uv", public)


def normal(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def installer():
    """The tool that put this package here, as it noted beside it."""
    try:
        with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), DIST_INFO, "INSTALLER")) as file:
            return file.read().strip()
    except OSError:
        return ""


def look_for_none(report, tool):
    """Without any setting the public index is asked for everything."""
    tools = [tool] if tool in report.private else ["pip", "uv"]
    if report.mistakes or report.unread or any(report.private[tool] for tool in tools):
        return
    if "pip" in tools:
        remedy = "write into {}: [global] index-url = {}".format(os.path.join(config_home(), "pip", "pip.conf"), OURS)
        report.mistake("pip", "no index is set, so that the public one is asked for every name", remedy)
    else:
        remedy = "write into uv.toml: [[index]] url = \"{}\"".format(OURS)
        report.mistake("uv", "no index is set, so that the public one is asked for every name", remedy)


def tell(report, tool):
    print("{} is a package that {} uses internally.".format(NAME, COMPANY))
    print("What is installed here is the public package of that name{}.".format(", put here by " + tool if tool else ""))
    for place, what, remedy in report.mistakes:
        print("\nMistake: {}\n  {}\n  Instead: {}".format(place, what, remedy))
    for place, error in report.unread:
        print("\nCould not be read: {}\n  {}".format(place, error))
    if report.unread and not report.mistakes:
        print("\nNothing else was found. Look there for extra-index-url and index-strategy yourself.")
    elif not report.mistakes:
        print("\nNo setting was found that asks the public index for it. It may have been named on a command line, or been")
        print("installed under other settings. In force are:")
        for name in sorted(report.private):
            for place, index in report.private[name]:
                print("  {}: {} ({})".format(name, index, place))
    remove = "uv pip uninstall" if tool == "uv" else "pip uninstall"
    print("\nThen remove it: {} {}\nThe package itself is on {}\nQuestions: {}".format(remove, NAME, OURS, CONTACT))


def main():
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    report, tool = Report(), installer()
    look_at_pip(report)
    look_at_uv(report)
    look_for_none(report, tool)
    tell(report, tool)
    return 1 if report.mistakes else 2 if report.unread else 0


if __name__ == "__main__":
    sys.exit(main())
