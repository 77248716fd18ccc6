"""What an index would say of the files in a directory: PyPI's rules, with the libraries that PyPI itself uses where it uses some
(`warehouse/forklift`, `warehouse/utils/zipfiles.py`), and those that users check with. Prints one line a fault."""

import configparser
import csv
import email.utils
import hashlib
import io
import pathlib
import re
import sys
import tarfile
import zipfile
from base64 import urlsafe_b64encode

from packaging.metadata import Metadata
from packaging.utils import canonicalize_name, parse_sdist_filename, parse_wheel_filename
from readme_renderer import markdown
from trove_classifiers import classifiers, deprecated_classifiers

faults = []


def check(path, good, what):
    if not good:
        faults.append(f"{path.name}: {what}")


def metadata(path, raw):
    found = Metadata.from_email(raw, validate=True)
    check(path, found.metadata_version == "2.4", "metadata version")
    check(path, found.version.local is None, "local version")
    check(path, found.summary and len(found.summary) <= 512 and "\n" not in found.summary, "summary")
    check(path, re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s.]+", email.utils.parseaddr(found.author_email)[1]), "author's address")
    check(path, found.license_expression and found.license_files == ["LICENSE"], "license")
    check(path, found.requires_python is None and not found.requires_dist, "requirements")
    for classifier in found.classifiers:
        known = classifier in classifiers and classifier not in deprecated_classifiers
        check(path, known and not classifier.startswith("Private"), classifier)
    for label, url in (found.project_urls or {}).items():
        check(path, 1 <= len(label) <= 32 and url.startswith("https://"), label)
    check(path, found.description_content_type == "text/markdown", "content type")
    shown = markdown.render(found.description)
    check(path, shown and "&lt;a" not in shown, "the description does not render")
    return found


def python(path, name, source):
    try:
        compile(source, name, "exec", dont_inherit=True)
        import ast

        ast.parse(source, feature_version=(3, 7))
    except SyntaxError as error:
        check(path, False, f"{name}: {error}")


def wheel(path):
    name, version, _, tags = parse_wheel_filename(path.name)
    top = path.name.removesuffix("-py3-none-any.whl")
    check(path, {str(tag) for tag in tags} == {"py3-none-any"}, "tags")
    with zipfile.ZipFile(path) as archive:
        check(path, archive.testzip() is None and not archive.comment, "zip")
        names = archive.namelist()
        check(path, len(names) == len(set(names)), "a name twice")
        for info in archive.infolist():
            check(path, info.flag_bits & 0x8 == 0, f"{info.filename} has a data descriptor")
            check(path, info.compress_type in (0, 8) and not info.extra and not info.comment, info.filename)
            check(path, info.date_time == (1980, 1, 1, 0, 0, 0) and info.external_attr >> 16 == 0o100644, info.filename)
        read = lambda name: archive.read(f"{top}.dist-info/{name}")
        found = metadata(path, read("METADATA"))
        check(path, canonicalize_name(found.name) == name and found.version == version, "name or version")
        for row, size in ((row, row[2]) for row in csv.reader(io.StringIO(read("RECORD").decode()))):
            content = archive.read(row[0])
            digest = "sha256=" + urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")
            check(path, row[0].endswith("RECORD") or (row[1] == digest and size == str(len(content))), f"RECORD of {row[0]}")
            names.remove(row[0])
        check(path, not names, f"RECORD lacks {names}")
        entry_points = configparser.ConfigParser(delimiters=("=",))
        entry_points.optionxform = str
        entry_points.read_string(read("entry_points.txt").decode())
        check(path, entry_points.sections() == ["console_scripts"], "entry points")
        for name in archive.namelist():
            if name.endswith(".py"):
                check(path, name[:-3].isidentifier(), f"{name} cannot be imported")
                python(path, name, archive.read(name))
    return found


def sdist(path):
    name, version = parse_sdist_filename(path.name)
    top = path.name.removesuffix(".tar.gz")
    with tarfile.open(path, "r:gz") as archive:
        members = archive.getmembers()
        check(path, {member.name.split("/")[0] for member in members} == {top}, "more than one directory")
        for member in members:
            plain = member.isreg() and not member.issparse() and member.mode == 0o644
            check(path, plain and (member.uid, member.gid, member.uname, member.gname) == (0, 0, "", ""), member.name)
            tarfile.data_filter(member, "/nowhere")
        found = metadata(path, archive.extractfile(f"{top}/PKG-INFO").read())
        check(path, canonicalize_name(found.name) == name and found.version == version, "name or version")
        check(path, not any(member.name.endswith("setup.py") for member in members), "something that is run")
        archive.extractfile(f"{top}/LICENSE").read()
    return found


count = 0
for path in sorted(pathlib.Path(sys.argv[1]).iterdir()):
    (wheel if path.suffix == ".whl" else sdist)(path)
    count += 1
print("\n".join(faults) or f"{count} files are of the right form")
sys.exit(bool(faults))
