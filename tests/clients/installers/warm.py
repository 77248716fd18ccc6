"""Runs a Python program of this environment, each time in a process of its own that is forked from one with most of its imports.

Usage: warm.py PROGRAM. Prints a port of loopback. Whoever connects sends `{"arguments", "dir", "environment"}` in one line, and gets
`{"status", "stdout", "stderr"}` once the run has ended; nothing is left of it then. The server ends with its standard input.

To start an interpreter and to import what a tool needs takes longer than what it is asked here. A run is the tool's own command all
the same: its code is read anew under the environment of that run, and what is there before is of others, who do not look at it.
"""

import atexit
import gc
import importlib
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

BIN = Path(sys.executable).parent
# Of each: what imports most of what a run needs, what of it is the tool's own, and what below that is of others all the same.
TOOLS = {
    "pip": ("pip._internal.commands.install pip._internal.cli.main_parser", "pip._internal", ()),
    "poetry": ("poetry.console.application poetry.console.commands.lock poetry.console.commands.install poetry.puzzle.provider "
               "poetry.repositories.legacy_repository lark fastjsonschema crashtest keyring.backends.SecretService", "poetry", ()),
    "pdm": ("pdm.core pdm.cli.commands.install pdm.cli.commands.export pdm.cli.actions pdm.installers.synchronizers pdm.models.session "
            "pdm.resolver.providers argcomplete keyring.core", "pdm", ()),
    "pipenv": ("pipenv.routines.install pipenv.routines.sync pipenv.patched.pip._internal.commands.install", "pipenv",
               ("pipenv.patched", "pipenv.vendor")),
}
# Seconds that a run may take.
PATIENCE = 120


def warm(modules, own, others):
    """Imports all of them, and forgets what is the tool's own."""
    for module in modules.split():
        importlib.import_module(module)
    is_of = lambda name, package: f"{name}.".startswith(f"{package}.")
    for name in [name for name in sys.modules if is_of(name, own) and not any(is_of(name, other) for other in others)]:
        # What others lie below stays their package, and is read once more before a run.
        if not (others and name == own):
            del sys.modules[name]
            package, _, child = name.rpartition(".")
            if package in sys.modules:
                vars(sys.modules[package]).pop(child, None)
    # A run is over before there is anything to collect, and would look through all of this each time.
    gc.collect()
    gc.disable()


def serve(program):
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    # Nobody waits for those that answer.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while listener in select.select([listener, sys.stdin], [], [])[0]:
        connection, _ = listener.accept()
        if os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            answer(program, connection)
            os._exit(0)
        connection.close()


def answer(program, connection):
    with connection, connection.makefile("rw") as stream, tempfile.TemporaryFile() as stdout, tempfile.TemporaryFile() as stderr:
        order = json.loads(stream.readline())
        if (child := os.fork()) == 0:
            become(program, order, stdout, stderr)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        said = [os.pread(file.fileno(), os.fstat(file.fileno()).st_size, 0).decode(errors="replace") for file in (stdout, stderr)]
        stream.write(json.dumps({"status": status, "stdout": said[0], "stderr": said[1]}))


def become(program, order, stdout, stderr):
    """Is the program from here on; never returns."""
    with open(os.devnull) as nothing:
        for at, file in enumerate((nothing, stdout, stderr)):
            os.dup2(file.fileno(), at)
    os.environ.clear()
    os.environ.update(order["environment"])
    os.chdir(order["dir"])
    tempfile.tempdir = None
    sys.argv = [str(BIN / program), *order["arguments"]]
    status = 1
    try:
        if TOOLS[program][2]:
            importlib.reload(sys.modules[program])
        runpy.run_path(sys.argv[0], run_name="__main__")
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        # What it made for itself goes with it.
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


class Forge:
    """A client of a program's server, which ends with this process."""

    def __init__(self, program, environment):
        self.environment = environment
        self.server = subprocess.Popen([sys.executable, __file__, program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)
        self.port = int(self.server.stdout.readline())

    def run(self, arguments, cwd):
        """Gives what `subprocess.run` gives of the command."""
        order = {"arguments": [str(argument) for argument in arguments], "dir": str(cwd), "environment": self.environment}
        with socket.create_connection(("127.0.0.1", self.port), PATIENCE) as connection, connection.makefile("rw") as stream:
            stream.write(json.dumps(order) + "\n")
            stream.flush()
            said = json.loads(stream.read())
        return subprocess.CompletedProcess(arguments, said["status"], said["stdout"], said["stderr"])


if __name__ == "__main__":
    warm(*TOOLS[sys.argv[1]])
    serve(sys.argv[1])
