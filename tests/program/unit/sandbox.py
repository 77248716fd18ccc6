"""Runs a program under what the kernel enforces for systemd/namewarden.service, for machines without a systemd manager.

    unshare --user --map-root-user --mount --pid --fork python3 tests/program/unit/sandbox.py PROGRAM ARGUMENT...

ProcSubset=pid, ProtectProc=invisible, MemoryDenyWriteExecute=, an empty capability set, NoNewPrivileges=,
RestrictAddressFamilies= and SystemCallFilter=, each by the system call that systemd uses or its kernel equivalent.
Everything is inherited over exec. x86_64 and aarch64.
"""

import ctypes
import os
import platform
import re
import struct
import subprocess
import sys

LIBC = ctypes.CDLL(None, use_errno=True)
PR_CAPBSET_DROP, PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS, PR_SET_MDWE = 24, 22, 38, 65
SECCOMP_ALLOW, SECCOMP_ERRNO = 0x7FFF0000, 0x00050000
EPERM, EAFNOSUPPORT = 1, 97
AF_UNIX, AF_INET, AF_INET6 = 1, 2, 10
HEADERS = {
    "x86_64": ["/usr/include/x86_64-linux-gnu/asm/unistd_64.h", "/usr/include/asm/unistd_64.h"],
    "aarch64": ["/usr/include/asm-generic/unistd.h"],
}


def prctl(*arguments):
    if LIBC.prctl(*(ctypes.c_ulong(a) for a in arguments)) != 0:
        raise OSError(ctypes.get_errno(), f"prctl{arguments}")


def numbers():
    """System call numbers by name, from the kernel's header."""
    path = next(p for p in HEADERS[platform.machine()] if os.path.exists(p))
    text = open(path, encoding="utf-8").read()
    return {name: int(number) for name, number in re.findall(r"#define\s+__NR(?:3264)?_(\w+)\s+(\d+)\b", text)}


def members(group):
    """The system calls of a group, as this machine's systemd defines it; groups nest."""
    said = subprocess.run(["systemd-analyze", "syscall-filter", group], check=True, capture_output=True, text=True)
    calls = set()
    for line in said.stdout.splitlines()[1:]:
        word = line.strip()
        if word.startswith("@"):
            calls |= members(word)
        elif word and not word.startswith("#"):
            calls.add(word)
    return calls


def step(code, value, if_so=0, if_not=0):
    return struct.pack("HBBI", code, if_so, if_not, value)


def seccomp(allowed, socket):
    """Loads a filter: `allowed` pass, others fail with EPERM; `socket` passes for three address families only."""
    load, equal, end = 0x20, 0x15, 0x06
    rules = [
        step(load, 0),
        step(equal, socket, 0, 6),
        step(load, 16),
        step(equal, AF_UNIX, 3),
        step(equal, AF_INET, 2),
        step(equal, AF_INET6, 1),
        step(end, SECCOMP_ERRNO | EAFNOSUPPORT),
        step(end, SECCOMP_ALLOW),
    ]
    for number in sorted(allowed - {socket}):
        rules += [step(equal, number, 0, 1), step(end, SECCOMP_ALLOW)]
    rules.append(step(end, SECCOMP_ERRNO | EPERM))
    code = ctypes.create_string_buffer(b"".join(rules))
    program = ctypes.create_string_buffer(struct.pack("HxxxxxxQ", len(rules), ctypes.addressof(code)))
    prctl(PR_SET_SECCOMP, 2, ctypes.addressof(program), 0, 0)


def confined():
    """Is each of the constraints really in force? Raises when not."""
    assert not os.path.exists("/proc/meminfo"), "ProcSubset=pid is not in force"
    status = open("/proc/self/status", encoding="utf-8").read()
    assert re.search(r"CapBnd:\s+0+\n", status), "capabilities are left"
    assert "Seccomp:\t2" in status, "no system call filter"
    assert LIBC.socket(16, 3, 0) == -1 and ctypes.get_errno() == EAFNOSUPPORT, "AF_NETLINK opens"
    assert LIBC.socket(AF_INET, 1, 0) >= 0, "AF_INET does not open"
    LIBC.mmap.restype = ctypes.c_void_p
    mapped = LIBC.mmap(None, ctypes.c_size_t(4096), 7, 0x22, -1, ctypes.c_long(0))
    assert ctypes.c_long(mapped).value == -1, "memory both writable and executable can be had"
    assert LIBC.setpriority(0, 0, 1) == -1 and ctypes.get_errno() == EPERM, "@resources pass"


def main():
    subprocess.run(["mount", "-t", "proc", "-o", "subset=pid,hidepid=invisible", "proc", "/proc"], check=True)
    known = numbers()
    allowed = members("@system-service") - members("@privileged") - members("@resources")
    # What systemd allows to every filtered unit.
    allowed |= members("@default") | {"execve", "exit", "exit_group", "rt_sigreturn"}
    for capability in range(64):
        LIBC.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    prctl(PR_SET_MDWE, 1, 0, 0, 0)
    seccomp({known[name] for name in allowed if name in known}, known["socket"])
    confined()
    os.execv(sys.argv[1], sys.argv[1:])


main()
