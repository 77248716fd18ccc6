"""Holds two wheels against each other, ours and the one that was built from our source distribution: the same modules, the same
metadata, the same command. Arguments: the two files."""

import configparser
import sys
import zipfile

from packaging.metadata import Metadata

INFO = "acme_billing-0.0.1.dist-info/"
FIELDS = (
    "name version summary description author author_email license_expression license_files classifiers project_urls "
    "description_content_type requires_python requires_dist"
).split()


def commands(archive):
    parser = configparser.ConfigParser()
    parser.read_string(archive.read(INFO + "entry_points.txt").decode())
    return {section: dict(parser[section]) for section in parser.sections()}


wheels = [zipfile.ZipFile(path) for path in sys.argv[1:]]
names = [sorted(wheel.namelist()) for wheel in wheels]
assert names[0] == names[1], names
for name in names[0]:
    if name.endswith(".py") or name.endswith("LICENSE"):
        assert wheels[0].read(name) == wheels[1].read(name), name
ours, built = (Metadata.from_email(wheel.read(INFO + "METADATA")) for wheel in wheels)
for field in FIELDS:
    assert getattr(ours, field) == getattr(built, field), (field, getattr(ours, field), getattr(built, field))
assert commands(wheels[0]) == commands(wheels[1])
