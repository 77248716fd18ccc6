"""Importing this module fails on purpose: the code of that name is internal, and the index it came from does not have it."""

NAME = {{ name | literal }}
COMPANY = {{ company | literal }}
CONTACT = {{ contact | literal }}
INDEX = {{ index | literal }}
COMMAND = {{ command | literal }}

LINES = [
    "",
    "{} is an internal package of {}, and its code is not installed here.".format(NAME, COMPANY),
    "This one came from the public index, which only has directions.",
    "Run {} to find the setting that led here, and how to mend it.".format(COMMAND),
    "The package itself is on {}.".format(INDEX) if INDEX else "The package itself is on {}'s index.".format(COMPANY),
    "Questions: {}".format(CONTACT),
]

raise ImportError("\n".join(LINES), name=__name__)
