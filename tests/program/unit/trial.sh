#!/bin/sh
# The units of systemd/ under a real manager: runs once, as root, in a guest that trial.rs beside it boots. PyPI, Slack and
# the mail server are `namewarden sim` on loopback; the guest has no other network, no mail program and no /bin/kill.
set -eu
exec >/out/said 2>&1
trap 'status=$?; [ $status = 0 ] || report; echo $status >/out/status; systemctl --no-block --force poweroff' EXIT

report() {
  echo "== what the manager and the journal say"
  systemctl --no-pager --full status namewarden 'namewarden-failure@*' sim || true
  journalctl -b --no-pager -o short-precise -n 80 || true
}

step() { echo "== $* ($(date +%T))"; }
wrong() { echo "WRONG: $*"; exit 1; }
is() { [ "$2" = "$3" ] || wrong "$1 is '$2', not '$3'"; }
property() { systemctl show -P "$1" namewarden; }
# Waits until the command succeeds.
soon() {
  for _ in $(seq 150); do
    if "$@" >/dev/null 2>&1; then return 0; fi
    sleep 0.2
  done
  wrong "not within 30 s: $*"
}
is_running_anew() {
  local pid
  pid=$(property MainPID)
  [ "$pid" != 0 ] && [ "$pid" != "$1" ] && [ "$(property ActiveState)" = active ]
}
posted() { journalctl -q -u sim -o cat | grep -qF -- "$1"; }
logged() { journalctl -q "$@" -o cat | grep -q .; }
fails() { ! "$@"; }

step "install, as README.md says"
install -m 0644 /trial/systemd/*.service /usr/lib/systemd/system/
install -m 0644 /trial/systemd/sysusers.d/namewarden.conf /usr/lib/sysusers.d/
install -m 0644 /trial/systemd/tmpfiles.d/namewarden.conf /usr/lib/tmpfiles.d/
systemd-sysusers
namewarden init --contact security@acme.example
systemd-tmpfiles --create
cat >/etc/namewarden/namewarden.toml <<'TOML'
contact = "security@acme.example"
[pypi]
base = "http://127.0.0.1:8000"
[feeds]
changelog_every = "1s"
rss_every = "1s"
[alert]
default_owner = "security"
[alert.slack.security]
url_credential = "slack-security"
TOML
inventory() { printf '[owners.security]\nname = "Security"\nslack = ["security"]\nnames = [%s]\n' "$1"; }
inventory '"acme-billing==1.0"' >/etc/namewarden/inventory.toml
(umask 077; echo http://127.0.0.1:8001/services/T0/B0/by-credential >/etc/namewarden/credentials/slack-security)
mkdir -p /etc/systemd/system/namewarden.service.d
cat >/etc/systemd/system/namewarden.service.d/trial.conf <<'UNIT'
[Unit]
StartLimitBurst=3
[Service]
LoadCredential=slack-security:/etc/namewarden/credentials/slack-security
# The sandbox as the daemon has it.
ExecStartPre=/bin/sh /trial/confined.sh
WatchdogSec=6s
RestartSec=1s
UNIT
cat >/etc/sim.toml <<'TOML'
[[token]]
token = "pypi-AgEIcHlwaS5vcmcCJHRyaWFs"
user = "acme-bot"
[[step]]
do = "upload"
at = 0
name = "quokkalights"
version = "1.0"
user = "mallory"
TOML
cat >/etc/systemd/system/sim.service <<'UNIT'
[Service]
ExecStart=/usr/bin/namewarden sim --port 8000 --webhook 8001 --scenario /etc/sim.toml
UNIT
systemctl daemon-reload
systemctl start sim

step "starts with its credential, in its sandbox, and says READY"
systemctl start namewarden
is "the state after a start that waits for READY" "$(property ActiveState)" active
soon posted "POST /services/T0/B0/by-credential"
soon sh -c 'systemctl show -P StatusText namewarden | grep -q "open: 0 pages"'
namewarden status

step "reload answers whether it took"
systemctl reload namewarden
inventory '"acme-billing==1.0", "acme-ledger==2.0"' >/etc/namewarden/inventory.toml
systemctl reload namewarden
namewarden inventory list | grep acme-ledger
echo 'nonsense = [' >>/etc/namewarden/inventory.toml
fails systemctl reload namewarden
logged -u namewarden --grep 'last good inventory stays in force'
is "the state after a reload that failed" "$(property ActiveState)" active
inventory '"acme-billing==1.0", "acme-ledger==2.0", "acme-mail==1.0"' >/etc/namewarden/inventory.toml
systemctl kill --kill-who=main -s HUP namewarden
soon sh -c 'namewarden inventory list | grep acme-mail'

step "reload reads the configuration and its drop-ins too, and names what systemd copied"
mkdir -p /etc/namewarden/namewarden.d
cat >/etc/namewarden/namewarden.d/10-second.toml <<'TOML'
[alert]
daily_at_hour = 5
[alert.slack.second]
url_file = "second-url"
TOML
(umask 077; echo http://127.0.0.1:8001/services/T0/B0/second >/etc/namewarden/second-url)
chown namewarden /etc/namewarden/second-url
cp /etc/namewarden/inventory.toml /tmp/inventory.toml
sed -i 's/slack = .*/slack = ["security", "second"]/' /etc/namewarden/inventory.toml
namewarden reload >/tmp/reloaded
grep 'started  slack:second' /tmp/reloaded
grep 'changed  alert.daily_at_hour' /tmp/reloaded
grep 'systemd copied.*slack-security' /tmp/reloaded
namewarden test-alert
posted "POST /services/T0/B0/second"
echo 'nonsense = [' >/etc/namewarden/namewarden.d/20-broken.toml
fails systemctl reload namewarden
logged -u namewarden --grep 'last good configuration stays in force'
is "the state after a configuration that is broken" "$(property ActiveState)" active
rm -r /etc/namewarden/namewarden.d /etc/namewarden/second-url
cp /tmp/inventory.toml /etc/namewarden/inventory.toml
systemctl reload namewarden

step "the uploader publishes, as a user of its own, with a token that nobody else can read"
cat >>/etc/namewarden/namewarden.toml <<'TOML'
[claim]
enabled = true
company = "Acme Corp"
window = "1s"
[claim.upload]
address = "http://127.0.0.1:8000/legacy/"
token_credential = "pypi-token"
TOML
cat >>/etc/namewarden/inventory.toml <<'TOML'
[registrants]
users = ["acme-bot"]
[[name]]
name = "acme-vault"
owner = "security"
latest_version = "2.0"
first_use = 2020-01-01
claim = "auto"
TOML
token=/etc/namewarden/credentials/pypi-token
(umask 077; echo pypi-AgEIcHlwaS5vcmcCJHRyaWFs >$token)
mkdir -p /etc/systemd/system/namewarden-claim.service.d
install -m 0644 /trial/systemd/namewarden-claim.service.d/credentials.conf.example \
  /etc/systemd/system/namewarden-claim.service.d/credentials.conf
systemctl daemon-reload
systemctl reload namewarden
systemctl start namewarden-claim
soon sh -c 'namewarden inventory list | grep "acme-vault.*ours"'
journalctl -q -u namewarden-claim -o cat --no-pager
pid=$(systemctl show -P MainPID namewarden-claim)
is "the user of the uploader" "$(stat -c %U "/proc/$pid")" namewarden-claim
# It gives up its right to a core, and with it what others of its user could read of it.
is "the owner of the uploader's environment" "$(stat -c %U "/proc/$pid/environ")" root
runuser -u namewarden-claim -- cat /run/credentials/namewarden-claim.service/pypi-token | grep -qF pypi-AgE
for file in $token /run/credentials/namewarden-claim.service/pypi-token "/proc/$pid/mem" "/proc/$pid/environ"; do
  fails runuser -u namewarden -- head -c 1 "$file"
done
fails runuser -u namewarden-claim -- head -c 1 $token
fails runuser -u namewarden-claim -- ls /var/lib/namewarden
fails runuser -u namewarden-claim -- head -c 1 /run/credentials/namewarden.service/slack-security
fails grep -rqF pypi-AgEIcHlwaS5vcmcCJHRyaWFs /var/lib/namewarden /var/log/namewarden
fails logged --grep pypi-AgEIcHlwaS5vcmcCJHRyaWFs
# Nobody else is given work, root neither.
fails namewarden claim upload --once
systemctl stop namewarden-claim
is "the result of the uploader's stop" "$(systemctl show -P Result namewarden-claim)" success
fails ls /run/credentials/namewarden-claim.service

step "the gate beside it, as a user of its own, in its own sandbox"
mkdir -p /etc/systemd/system/namewarden-gate.service.d
cat >/etc/systemd/system/namewarden-gate.service.d/trial.conf <<'UNIT'
[Service]
WatchdogSec=6s
RestartSec=1s
UNIT
systemctl daemon-reload
systemctl start namewarden-gate
gate() { systemctl show -P "$1" namewarden-gate; }
# What a GET of the gate is answered with: its status line.
answered() {
  bash -c 'exec 3<>/dev/tcp/127.0.0.1/8480 && printf "GET %s HTTP/1.1\r\nHost: gate\r\nConnection: close\r\n\r\n" "$1" >&3 && head -1 <&3' - "$1"
}
soon answered /healthz
answered /simple/acme-billing/ | grep -q '451 internal by acme-billing'
answered /simple/quokkalights/ | grep -q ' 200 '
answered /files/quokkalights/quokkalights-1.0-py3-none-any.whl | grep -q '451 held until'
namewarden gate reviews | grep -q 'quokkalights==1.0'
soon posted 'quokkalights==1.0 was asked for and is held by the gate'
pid=$(gate MainPID)
is "the user of the gate" "$(stat -c %U "/proc/$pid")" namewarden-gate
is "the state of the gate is for it alone" "$(stat -c '%U %a' /var/lib/namewarden-gate)" 'namewarden-gate 700'
for file in $token /etc/namewarden/credentials/slack-security /var/lib/namewarden/namewarden.db; do
  fails runuser -u namewarden-gate -- head -c 1 "$file"
done
fails runuser -u namewarden -- ls /var/lib/namewarden-gate
# Root may do anything to it, and agree to nothing; whoever it lets through was looked at by a person.
fails namewarden gate approve 1 --reason 'looked at'
useradd --create-home --groups namewarden ada
runuser -u ada -- namewarden gate approve 1 --reason 'looked at'
answered /files/quokkalights/quokkalights-1.0-py3-none-any.whl | grep -q ' 200 '
systemctl kill --kill-who=main -s KILL namewarden-gate
is_running() { [ "$(gate MainPID)" != 0 ] && [ "$(gate MainPID)" != "$pid" ] && answered /healthz; }
soon is_running
answered /files/quokkalights/quokkalights-1.0-py3-none-any.whl | grep -q ' 200 '
namewarden gate who quokkalights | grep -q 127.0.0.1
pid=$(gate MainPID)
systemctl kill --kill-who=main -s HUP namewarden-gate
systemctl kill --kill-who=main -s STOP namewarden-gate
soon is_running
logged -u namewarden-gate --grep 'Watchdog timeout'
gate StatusText | grep -q 'the gate answers'
systemctl stop namewarden-gate
is "the result of the gate's stop" "$(gate Result)" success

step "backs up where the unit may write"
namewarden store backup trial.db
ls -l /var/lib/namewarden/backups
[ -s /var/lib/namewarden/backups/trial.db ]
# Its own /tmp is not ours: what goes there comes through the socket.
namewarden store backup /tmp/trial.db
[ -s /tmp/trial.db ]
namewarden store backup /root/trial.db
[ -s /root/trial.db ]

step "the journal has priorities and fields"
logged -u namewarden -p warning --grep 'the inventory is broken'
logged -u namewarden --grep 'namewarden is watching version='
fails logged -u namewarden --grep 'Broken {'

step "comes back after SIGKILL"
pid=$(property MainPID)
systemctl kill --kill-who=main -s KILL namewarden
soon is_running_anew "$pid"

step "comes back when the watchdog is not fed"
pid=$(property MainPID)
systemctl kill --kill-who=main -s STOP namewarden
soon is_running_anew "$pid"
logged -u namewarden --grep 'Watchdog timeout'

step "stays fed while nothing happens"
pid=$(property MainPID)
sleep 14
is "the process after twice the watchdog's time" "$(property MainPID)" "$pid"

step "stops clean"
systemctl stop namewarden
is "the result of a stop" "$(property Result)" success
is "the exit status of a stop" "$(property ExecMainStatus)" 0
runuser -u namewarden -- namewarden store check >/tmp/checked 2>&1
fails grep '^<' /tmp/checked

step "refuses a wrong configuration with 78, and does not loop"
systemctl reset-failed
cp /etc/namewarden/namewarden.toml /tmp/good.toml
sed -i 's/default_owner/default_ovner/' /etc/namewarden/namewarden.toml
fails systemctl start namewarden
sleep 3
is "the state after a refusal" "$(property ActiveState)" failed
is "the exit status of a refusal" "$(property ExecMainStatus)" 78
is "the number of restarts" "$(property NRestarts)" 0
cp /tmp/good.toml /etc/namewarden/namewarden.toml

step "the last resort that can reach nobody says so"
systemctl is-failed namewarden-failure@namewarden.service
logged -p emerg -u namewarden-failure@namewarden.service --grep 'nobody could be told'

step "a store that is damaged is down for good, and the last resort reaches the default owner without it"
systemctl reset-failed
rm -f /var/lib/namewarden/namewarden.db-wal /var/lib/namewarden/namewarden.db-shm
echo 'this is no database' >/var/lib/namewarden/namewarden.db
fails systemctl start namewarden
soon systemctl is-failed namewarden
soon posted "namewarden on $(uname -n) has failed"
soon sh -c '[ "$(systemctl show -P Result namewarden-failure@namewarden.service)" = success ]'
logged -p emerg -u namewarden-failure@namewarden.service --grep 'nobody watches PyPI'

step "passed"
