//! The systemd units: what they must say, what systemd's own tools make of them, and the daemon inside the sandbox.

mod process;
mod trial;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use namewarden::config::ConfigError;
use tempfile::TempDir;

const DAEMON: &str = "systemd/namewarden.service";
const UPLOADER: &str = "systemd/namewarden-claim.service";
const GATE: &str = "systemd/namewarden-gate.service";
const LAST_RESORT: &str = "systemd/namewarden-failure@.service";
const BINARY: &str = env!("CARGO_BIN_EXE_namewarden");

/// Lines whose loss would weaken the unit without breaking it.
const REQUIRED: &[(&str, &str)] = &[
    ("Unit.OnFailure", "namewarden-failure@%N.service"),
    ("Unit.After", "network-online.target"),
    ("Service.Type", "notify"),
    ("Service.NotifyAccess", "main"),
    ("Service.ExecStart", "/usr/bin/namewarden run"),
    ("Service.ExecReload", "/usr/bin/namewarden reload"),
    ("Service.Restart", "on-failure"),
    ("Service.User", "namewarden"),
    ("Service.UMask", "0077"),
    ("Service.StateDirectory", "namewarden"),
    ("Service.StateDirectoryMode", "0700"),
    ("Service.LogsDirectory", "namewarden"),
    ("Service.LogsDirectoryMode", "0700"),
    ("Service.RuntimeDirectory", "namewarden"),
    ("Service.RuntimeDirectoryMode", "0750"),
    ("Service.ConfigurationDirectory", "namewarden"),
    ("Service.ConfigurationDirectoryMode", "0750"),
    ("Service.CapabilityBoundingSet", ""),
    ("Service.NoNewPrivileges", "yes"),
    ("Service.ProtectSystem", "strict"),
    ("Service.ProtectHome", "yes"),
    ("Service.PrivateTmp", "yes"),
    ("Service.ProcSubset", "pid"),
    ("Service.MemoryDenyWriteExecute", "yes"),
    ("Service.RestrictAddressFamilies", "AF_UNIX AF_INET AF_INET6"),
    ("Service.SystemCallArchitectures", "native"),
    ("Service.LimitCORE", "0"),
    ("Install.WantedBy", "multi-user.target"),
];

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn read(path: &str) -> String {
    fs::read_to_string(here(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// `Section.Key` and every value it is given, in order. Lines that end in a backslash are joined.
fn directives(path: &str) -> BTreeMap<String, Vec<String>> {
    let text = read(path).replace("\\\n", " ");
    let mut section = String::new();
    let mut found = BTreeMap::<String, Vec<String>>::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = name.to_owned();
        } else {
            let (key, value) = line.split_once('=').unwrap_or_else(|| panic!("{path}: {line}"));
            found.entry(format!("{section}.{key}")).or_default().push(value.to_owned());
        }
    }
    found
}

fn words<'a>(found: &'a BTreeMap<String, Vec<String>>, key: &str) -> Vec<&'a str> {
    found.get(key).into_iter().flatten().flat_map(|value| value.split_whitespace()).collect()
}

#[test]
fn the_unit_says_what_it_must() {
    let found = directives(DAEMON);
    let wrong: Vec<_> =
        REQUIRED.iter().filter(|(key, value)| found.get(*key) != Some(&vec![(*value).to_owned()])).collect();
    assert!(wrong.is_empty(), "not in {DAEMON} as required: {wrong:#?}");
    assert_eq!(words(&found, "Service.SystemCallFilter"), ["@system-service", "~@privileged", "@resources"]);
}

#[test]
fn a_wrong_configuration_is_not_restarted() {
    let found = directives(DAEMON);
    let configuration = ConfigError::EXIT_STATUS.to_string();
    assert_eq!(words(&found, "Service.RestartPreventExitStatus"), ["2", configuration.as_str()]);
    // The same statuses as the program itself gives.
    let status = |arguments: &[&str]| Command::new(BINARY).args(arguments).output().expect("runs").status.code();
    assert_eq!(status(&["run", "--no-such-flag"]), Some(2));
    assert_eq!(status(&["run", "--config", "/nonexistent/namewarden.toml"]), Some(ConfigError::EXIT_STATUS.into()));
}

/// What a unit names as its documentation is installed by README.md.
#[test]
fn the_documentation_is_installed() {
    let readme = read("README.md");
    for unit in [DAEMON, UPLOADER, GATE, LAST_RESORT] {
        let found = directives(unit);
        assert_eq!(
            words(&found, "Unit.Documentation"),
            ["man:namewarden(1)", "file:///usr/share/doc/namewarden/README.md"]
        );
    }
    assert!(readme.contains("namewarden man /usr/share/man/man1"), "{readme}");
    assert!(readme.contains("-t /usr/share/doc/namewarden README.md"), "{readme}");
}

#[test]
fn only_drop_ins_load_credentials() {
    assert!(
        !directives(DAEMON).contains_key("Service.LoadCredential"),
        "a missing file would keep the unit from starting"
    );
    let commented = read("systemd/namewarden.service.d/credentials.conf.example").replace("#Load", "Load");
    let offered: BTreeSet<&str> =
        commented.lines().filter_map(|line| line.strip_prefix("LoadCredential=")?.split(':').next()).collect();
    let sample = read("config/namewarden.toml");
    // Those of the uploader and of the gate are for their own units alone.
    let named: BTreeSet<&str> = sample
        .lines()
        .filter(|line| !line.contains("token_credential") && !line.contains("identity_credential"))
        .filter(|line| !line.contains("login_credential") && !line.contains("logins_credential"))
        .filter_map(|line| line.trim_start_matches('#').split_once("_credential = \""))
        .map(|(_, name)| name.trim_end_matches('"'))
        .collect();
    assert_eq!(offered, named, "the drop-in and config/namewarden.toml name different credentials");
    for line in commented.lines().filter(|line| line.starts_with("LoadCredential=")) {
        let (name, path) = line.trim_start_matches("LoadCredential=").split_once(':').expect("NAME:PATH");
        assert_eq!(path, format!("/etc/namewarden/credentials/{name}"));
    }
}

/// The uploader is as confined as the daemon, by another user, with a token that the daemon's unit does not load.
#[test]
fn the_uploader_is_confined_like_the_daemon_and_alone_has_the_token() {
    let (daemon, uploader) = (directives(DAEMON), directives(UPLOADER));
    let own = ["Description", "After", "OnFailure", "Type", "Notify", "ExecStart", "ExecReload", "Timeout", "Watchdog"];
    let own = [&own[..], &["User", "Group", "Directory", "MemoryMax", "TasksMax", "Private"]].concat();
    let confines = |key: &&String| !own.iter().any(|word| key.contains(word));
    for key in daemon.keys().filter(confines) {
        assert_eq!(uploader.get(key), daemon.get(key), "{key}");
    }
    for key in ["PrivateTmp", "PrivateDevices", "PrivateUsers"] {
        assert_eq!(words(&uploader, &format!("Service.{key}")), ["yes"], "{key}");
    }
    assert!(!daemon.contains_key("Service.PrivateUsers"), "it would hide who plans and who approves");
    assert_eq!(words(&uploader, "Service.User"), ["namewarden-claim"]);
    assert_eq!(words(&uploader, "Service.SupplementaryGroups"), ["namewarden"]);
    assert!(!uploader.keys().any(|key| key.ends_with("Directory")), "it keeps nothing");
    let dropin = read("systemd/namewarden-claim.service.d/credentials.conf.example").replace("#Load", "Load");
    let offered: Vec<&str> =
        dropin.lines().filter_map(|line| line.strip_prefix("LoadCredential=")?.split(':').next()).collect();
    assert_eq!(offered, ["pypi-token", "testpypi-token"]);
    let daemons = read("systemd/namewarden.service.d/credentials.conf.example");
    assert!(offered.iter().all(|name| !daemons.contains(name)), "the daemon's unit has no use for a token");
}

#[test]
fn the_gate_is_confined_like_the_uploader_and_has_no_credential_of_others() {
    let (uploader, gate) = (directives(UPLOADER), directives(GATE));
    let own = [
        "Description",
        "Documentation",
        "After",
        "Type",
        "ExecStart",
        "RestartSec",
        "StartLimit",
        "Timeout",
        "User",
        "Group",
        "Directory",
        "Max",
    ];
    let own = [&own[..], &["LimitNOFILE"]].concat();
    let confines = |key: &&String| !own.iter().any(|word| key.contains(word));
    for key in uploader.keys().filter(confines) {
        assert_eq!(gate.get(key), uploader.get(key), "{key}");
    }
    assert_eq!(words(&gate, "Service.User"), ["namewarden-gate"]);
    assert_eq!(words(&gate, "Service.CacheDirectory"), ["namewarden"]);
    assert_eq!(words(&gate, "Service.StateDirectory"), ["namewarden-gate"]);
    assert_eq!(words(&gate, "Service.RuntimeDirectory"), ["namewarden-gate"]);
    assert_eq!(words(&gate, "Service.RuntimeDirectoryMode"), ["0750"]);
    assert_eq!(words(&gate, "Service.Group"), ["namewarden"], "whose members reach its socket");
    assert_eq!(words(&gate, "Service.Type"), ["notify"], "it says when it listens");
    assert_eq!(words(&gate, "Service.NotifyAccess"), ["main"]);
    assert_eq!(words(&gate, "Service.WatchdogSec"), ["2min"], "who is stuck is started again");
    assert!(!gate.contains_key("Service.PrivateUsers"), "it would hide who approves");
    let others = ["LogsDirectory", "LoadCredential"];
    assert!(
        !others.iter().any(|key| gate.contains_key(&format!("Service.{key}"))),
        "it keeps files, what was ours, and what was decided"
    );
}

#[test]
fn the_user_and_the_directories_are_made() {
    let users = read("systemd/sysusers.d/namewarden.conf");
    let found = directives(DAEMON);
    let user = &found["Service.User"][0];
    assert!(users.lines().any(|line| line.starts_with(&format!("u     {user} "))), "{users}");
    assert!(users.contains("\nu     namewarden-claim ") && users.contains("\nm     namewarden-claim namewarden\n"));
    assert!(users.contains("\nu     namewarden-gate ") && users.contains("\nm     namewarden-gate namewarden\n"));
    let rows: Vec<Vec<String>> = read("systemd/tmpfiles.d/namewarden.conf")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.split_whitespace().map(str::to_owned).collect())
        .collect();
    assert!(rows.contains(&["d", "/etc/namewarden", "0750", "root", user, "-"].map(str::to_owned).to_vec()));
    assert!(
        rows.contains(&["d", "/etc/namewarden/credentials", "0700", "root", "root", "-"].map(str::to_owned).to_vec())
    );
}

/// Programs that the last resort calls, replaced by ones that write down what they were given and end like this.
fn recorders(namewarden: i32, sendmail: Option<i32>) -> TempDir {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = tempfile::tempdir().expect("a directory");
    let program = |name: &str, body: String| {
        let path = dir.path().join(name);
        fs::write(&path, format!("#!/bin/sh\n{body}\n")).expect("written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("ours");
    };
    program("namewarden", format!("echo \"$@\" > \"$OUT/asked\"; exit {namewarden}"));
    program("systemctl", "echo 'Active: failed (Result: exit-code)'".to_owned());
    if let Some(status) = sendmail {
        program("sendmail", format!("cat > \"$OUT/mail\"; echo \"$@\" >> \"$OUT/mail\"; exit {status}"));
    }
    // What a shell script needs besides, and no other mail program.
    std::os::unix::fs::symlink("/bin/cat", dir.path().join("cat")).expect("linked");
    dir
}

/// Runs the last resort's command as systemd would: specifiers and `$$` resolved, its environment set.
fn last_resort(programs: &TempDir) -> (Output, String) {
    let found = directives(LAST_RESORT);
    let command = found["Service.ExecStart"][0].strip_prefix("/bin/sh -c '").and_then(|c| c.strip_suffix('\''));
    let script = command.expect("a script in single quotes").replace("%%", "\u{0}");
    let script = script.replace("%i", "namewarden").replace("%H", "watch1").replace('\u{0}', "%").replace("$$", "$");
    let mailto = found["Service.Environment"][0].strip_prefix("MAILTO=").expect("who is told");
    let output = Command::new("/bin/sh")
        .args(["-c", &script])
        .env_clear()
        .envs([("MAILTO", mailto), ("MONITOR_SERVICE_RESULT", "start-limit-hit")])
        .envs([("PATH", programs.path()), ("OUT", programs.path())])
        .output()
        .expect("sh runs");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    (output, said)
}

#[test]
fn the_last_resort_tells_by_every_means() {
    let programs = recorders(0, Some(0));
    let (output, said) = last_resort(&programs);
    assert!(output.status.success(), "{output:?}");
    let seen = |name: &str| fs::read_to_string(programs.path().join(name)).expect(name);
    insta::assert_snapshot!(said, @"<0>namewarden on watch1 has failed: nobody watches PyPI for your names. It stays down until somebody runs: systemctl restart namewarden");
    insta::assert_snapshot!(seen("asked"), @"last-resort --unit namewarden --host watch1 --why start-limit-hit");
    insta::assert_snapshot!(seen("mail"), @r"
    To: root
    Subject: namewarden on watch1 has failed: nobody watches PyPI for your names
    Auto-Submitted: auto-generated

    namewarden on watch1 has failed: nobody watches PyPI for your names.
    It stays down until somebody runs: systemctl restart namewarden

    Active: failed (Result: exit-code)
    -i -t
    ");
}

#[test]
fn a_last_resort_that_reaches_nobody_fails_and_one_means_is_enough() {
    // (the verb's status, sendmail's status, the unit's status)
    for (verb, sendmail, unit) in
        [(1, None, 1), (78, Some(75), 1), (1, Some(0), 0), (0, None, 0), (0, Some(75), 0), (127, Some(0), 0)]
    {
        let (output, said) = last_resort(&recorders(verb, sendmail));
        assert_eq!(output.status.code(), Some(unit), "{verb} {sendmail:?}: {output:?}");
        assert!(said.starts_with("<0>namewarden on watch1 has failed"), "the journal is told all the same");
        assert_eq!(said.contains("nobody could be told"), unit != 0, "{said}");
    }
}

/// The units as installed, but for the binary's path: that of this build.
fn installed() -> TempDir {
    let dir = tempfile::tempdir().expect("a directory");
    for unit in [DAEMON, UPLOADER, GATE, LAST_RESORT] {
        let name = Path::new(unit).file_name().expect("a name");
        fs::write(dir.path().join(name), read(unit).replace("/usr/bin/namewarden", BINARY)).expect("written");
    }
    dir
}

/// Where the units' documentation is looked for: the manual pages as README.md installs them.
fn analyze(dir: &TempDir, arguments: &[&str]) -> (bool, String) {
    let pages = dir.path().join("man/man1");
    fs::create_dir_all(&pages).expect("made");
    let written = Command::new(BINARY).arg("man").arg(&pages).status().expect("runs");
    assert!(written.success() && pages.join("namewarden-findings-ack.1").exists());
    let output = Command::new("systemd-analyze")
        .args(arguments)
        .env("MANPATH", dir.path().join("man"))
        .current_dir(dir.path())
        .output();
    let output = output.expect("systemd-analyze runs");
    (output.status.success(), String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
}

#[test]
#[ignore = "needs systemd-analyze; tests/run provides it"]
fn systemd_finds_no_fault() {
    let dir = installed();
    let own = ["./namewarden.service", "./namewarden-claim.service", "./namewarden-gate.service"];
    for unit in [&own[..], &["./namewarden-failure@namewarden.service"]].concat() {
        let (good, said) = analyze(&dir, &["verify", "--recursive-errors=no", unit]);
        // An unknown key is a warning and ends well, so silence about us is asked for too.
        assert!(good && !said.contains("namewarden"), "{unit}: {said}");
    }
    let broken = read(DAEMON).replace("ProcSubset=pid", "ProcSubsets=pid").replace("/usr/bin/namewarden", BINARY);
    fs::write(dir.path().join("namewarden.service"), broken).expect("written");
    let (_, said) = analyze(&dir, &["verify", "--recursive-errors=no", "./namewarden.service"]);
    assert!(said.contains("ProcSubsets"), "a wrong key goes unnoticed: {said}");
}

#[test]
#[ignore = "needs systemd-analyze; tests/run provides it"]
fn the_exposure_score_is_at_most_one_and_a_half() {
    let dir = installed();
    for unit in ["./namewarden.service", "./namewarden-claim.service", "./namewarden-gate.service"] {
        let security = |most: &str| {
            let threshold = format!("--threshold={most}");
            analyze(&dir, &["security", "--offline=true", "--no-pager", &threshold, unit])
        };
        let (good, said) = security("15");
        assert!(good, "{said}");
        assert!(!security("5").0, "the threshold is not obeyed");
    }
}

#[test]
#[ignore = "needs user and mount namespaces; tests/run provides them where the machine does"]
fn sandbox_the_daemon_runs_in_it() {
    let output = Command::new("unshare")
        .args(["--user", "--map-root-user", "--mount", "--pid", "--fork", "python3"])
        .args([here("tests/program/unit/sandbox.py").to_str().expect("text"), BINARY, "demo", "--once"])
        .output()
        .expect("unshare runs");
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(output.status.success(), "{said}");
    assert!(said.contains("The alert has arrived by mail and by Slack."), "{said}");
    assert!(said.contains("torchtriton on PyPI: ours"), "{said}");
}

#[test]
#[ignore = "needs root; tests/run provides it where it is root"]
fn root_makes_the_user_and_the_directories() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = tempfile::tempdir().expect("a directory");
    let root = format!("--root={}", dir.path().display());
    fs::create_dir(dir.path().join("etc")).expect("made");
    let run = |program: &str, arguments: &[&str]| {
        let output = Command::new(program).arg(&root).args(arguments).output().expect("runs");
        assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    };
    run("systemd-sysusers", &[here("systemd/sysusers.d/namewarden.conf").to_str().expect("text")]);
    let users = fs::read_to_string(dir.path().join("etc/passwd")).expect("users");
    assert!(users.contains("namewarden:x:") && users.contains(":/var/lib/namewarden:/usr/sbin/nologin"), "{users}");
    // What init leaves behind.
    fs::create_dir(dir.path().join("etc/namewarden")).expect("made");
    fs::write(dir.path().join("etc/namewarden/namewarden.toml"), "").expect("written");
    run("systemd-tmpfiles", &["--create", here("systemd/tmpfiles.d/namewarden.conf").to_str().expect("text")]);
    let mode = |path: &str| fs::metadata(dir.path().join(path)).expect(path).permissions().mode() & 0o7777;
    assert_eq!(
        ["etc/namewarden", "etc/namewarden/credentials", "etc/namewarden/namewarden.toml"].map(mode),
        [0o750, 0o700, 0o640]
    );
}
