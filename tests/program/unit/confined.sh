#!/bin/sh
# Runs as ExecStartPre= of the daemon's unit, in its sandbox: is each constraint really in force?
set -u
fail() { echo "not confined: $*"; exit 1; }
refused() { if "$@" 2>/dev/null; then fail "$*"; fi; }
[ "$(id -un)" = namewarden ] || fail "user $(id -un)"
grep -Eq '^CapBnd:\s*0+$' /proc/self/status || fail "capabilities are left"
grep -Eq '^NoNewPrivs:\s*1$' /proc/self/status || fail "privileges can be had"
grep -Eq '^Seccomp:\s*2$' /proc/self/status || fail "no system call filter"
[ ! -e /proc/meminfo ] || fail "ProcSubset=pid is not in force"
[ ! -e /proc/1/status ] || fail "other processes are seen"
[ ! -e /dev/kmsg ] || fail "devices are there"
refused touch /etc/namewarden/written
refused touch /usr/written
refused touch /var/written
refused ls /root
refused cat /etc/namewarden/credentials/slack-security
refused unshare --mount true
touch "$STATE_DIRECTORY/written" && rm "$STATE_DIRECTORY/written" || fail "the state directory is closed"
[ -r "$CREDENTIALS_DIRECTORY/slack-security" ] || fail "the credential is not there"
