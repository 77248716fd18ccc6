//! From `init` to a configuration that `config check` calls good, as a newcomer goes.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use clap::{Args as _, FromArgMatches as _};
use insta::assert_snapshot;
use namewarden::cli::format::Format;
use namewarden::cli::{config, init};
use namewarden::config::Environment;

const BASE: &str = "https://pypi.example";

fn init_args(dir: &Path, contact: Option<&str>) -> init::Args {
    init::Args { dir: dir.to_owned(), contact: contact.map(str::to_owned), format: Format::Human }
}

/// The outcome of `config check`, with the directory of this run taken out.
fn check(dir: &Path) -> Result<String, String> {
    let outcome = config::check(Some(&dir.join("namewarden.toml")), &Environment::default());
    let plain = |text: String| text.replace(&format!("{}/", dir.display()), "");
    outcome.map(|checked| plain(config::words(&checked))).map_err(|error| plain(error.to_string()))
}

fn edit(dir: &Path, file: &str, old: &str, new: &str) {
    let text = fs::read_to_string(dir.join(file)).expect("a file");
    assert!(text.contains(old), "{old:?} in {file}");
    fs::write(dir.join(file), text.replacen(old, new, 1)).expect("a file");
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("a file").permissions().mode() & 0o777
}

#[test]
fn a_newcomer_is_led_to_a_good_configuration() {
    let world = tempfile::tempdir().expect("a directory");
    let dir = world.path().join("nw");
    let written = init::run(&init_args(&dir, None), BASE).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(written.directory, dir.display().to_string());
    assert!(written.files.iter().all(|file| dir.join(file).exists()) && written.files.len() == 4, "{written:?}");
    assert_snapshot!(init::next_steps(&dir, Some("ops@acme.example")).replace(&dir.display().to_string(), "DIR"), @r##"
    wrote DIR
    next:
    1. name your mail server in DIR/namewarden.toml, or Slack or a webhook in its place
    2. write the password into DIR/credentials/smtp-password (DIR/credentials/README.md says who may read it)
    3. list your names in DIR/inventory.toml
    4. namewarden config check --config DIR/namewarden.toml
    5. namewarden test-alert --config DIR/namewarden.toml
    6. namewarden run --config DIR/namewarden.toml
    "##);

    assert_snapshot!(check(&dir).expect_err("blanks"), @r##"
        namewarden.toml:10:11: contact: "" is neither an e-mail address nor a web page; write how PyPI's administrators reach you: contact = "security@your.example"
        namewarden.toml:81:8: alert.email.host: "" is no host name; write the name alone, and the port as port = 587
        namewarden.toml:90:8: alert.email.from: "" is no e-mail address; write "namewarden@your.example" or "namewarden <namewarden@your.example>"
        namewarden.toml:95:12: alert.email.username: is empty; write the account, or leave username and password out for a server that wants none
        namewarden.toml:98:23: alert.email.password_credential: the credential file credentials/smtp-password is empty; write the secret on one line into it, and nothing else
        "##);
    edit(&dir, "namewarden.toml", "contact = \"\"", "contact = \"security@acme.example\"");
    edit(&dir, "namewarden.toml", "host = \"\"", "host = \"smtp.acme.example\"");
    edit(&dir, "namewarden.toml", "from = \"\"", "from = \"nw@acme.example\"");
    edit(&dir, "namewarden.toml", "username = \"\"", "username = \"nw\"");
    fs::write(dir.join("credentials/smtp-password"), "hunter2\n").expect("a file");

    assert_snapshot!(check(&dir).expect_err("no watch"), @r##"inventory.toml:1:1: it holds no watch, so nothing would be protected; add the names of your packages"##);
    edit(&dir, "inventory.toml", "# \"acme-billing", "\"acme-billing");

    assert_snapshot!(check(&dir).expect_err("no channel"), @r##"namewarden.toml:63:1: alert.default_owner: the inventory declares no channel for the owner "security"; write [owners.security] with email = ["…"] there"##);
    edit(&dir, "inventory.toml", "email = []", "email = [\"security@acme.example\"]");

    assert_snapshot!(check(&dir).unwrap_or_else(|error| panic!("{error}")), @r##"
    configuration  namewarden.toml: good
    inventory      inventory.toml: 1 name, 0 prefixes, 0 brand words, 1 owner
    index          https://pypi.example
    channel        email through smtp.acme.example:587, STARTTLS
    prove that the channels work: namewarden test-alert --config namewarden.toml
    "##);

    fs::write(dir.join("namewarden.d/50-relay.toml"), "alert.email.host = \"relay.acme.example\"\n").expect("a file");
    fs::write(dir.join("namewarden.d/50-relay.toml~"), "nonsense").expect("a file");
    assert_snapshot!(check(&dir).unwrap_or_else(|error| panic!("{error}")), @r##"
    configuration  namewarden.toml: good
    drop-in        namewarden.d/50-relay.toml
    inventory      inventory.toml: 1 name, 0 prefixes, 0 brand words, 1 owner
    index          https://pypi.example
    channel        email through relay.acme.example:587, STARTTLS
    prove that the channels work: namewarden test-alert --config namewarden.toml
    "##);
}

/// What the daemon reads only when it builds its clients is looked at, too.
#[test]
fn certificates_that_cannot_be_used_are_refused_before_the_start() {
    let world = tempfile::tempdir().expect("a directory");
    let dir = world.path();
    fs::write(
        dir.join("inventory.toml"),
        "names = [\"acme-billing\"]\n[owners.security]\nemail = [\"s@acme.example\"]\n",
    )
    .expect("a file");
    fs::write(dir.join("not-pem"), "hello").expect("a file");
    let configured = |http: &str, email: &str| {
        let text = format!(
            "contact = \"s@acme.example\"\nstate_dir = \"state\"\ninventory = \"inventory.toml\"\n\
             [pypi]\nbase = \"{BASE}\"\n[http]\n{http}\n[alert]\ndefault_owner = \"security\"\n\
             [alert.email]\nhost = \"smtp.acme.example\"\nfrom = \"nw@acme.example\"\n{email}\n"
        );
        fs::write(dir.join("namewarden.toml"), text).expect("a file");
        check(dir)
    };
    assert!(configured("", "").is_ok());
    let ca = |file: &str| format!("ca_file = \"{file}\"");
    let refused = configured(&ca("not-pem"), "").expect_err("no certificate");
    assert_snapshot!(refused, @"[http] ca_file: not-pem holds no certificate: it must be PEM, BEGIN CERTIFICATE and all");
    let refused = configured("", &ca("missing")).expect_err("no file");
    assert_snapshot!(refused, @"[alert.email] ca_file: cannot read the certificates in missing");
}

#[test]
fn what_init_writes_is_closed_to_others() {
    let dir = tempfile::tempdir().expect("a directory");
    init::run(&init_args(dir.path(), Some("security@acme.example")), BASE).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(mode(&dir.path().join("credentials/smtp-password")), 0o600);
    assert_eq!(mode(&dir.path().join("credentials")), 0o700);
    assert_eq!(mode(&dir.path().join("namewarden.toml")) & 0o007, 0);
    let inventory = fs::read_to_string(dir.path().join("inventory.toml")).expect("a file");
    assert!(inventory.contains("email = [\"security@acme.example\"]"), "{inventory}");
}

/// A directory of one's own, with a blank in it: nothing leads out of it, and each command runs as it is printed.
#[test]
fn a_watch_of_ones_own_stays_in_its_directory() {
    let world = tempfile::tempdir().expect("a directory");
    let dir = world.path().join("it's my watch");
    init::run(&init_args(&dir, Some("security@acme.example")), BASE).unwrap_or_else(|e| panic!("{e}"));
    let said = init::next_steps(&dir, None);
    assert!(said.contains("1. write your contact, and name your mail server in"), "{said}");
    for file in ["namewarden.toml", "inventory.toml", "credentials/README.md"] {
        let text = fs::read_to_string(dir.join(file)).expect("a file");
        let set = text.lines().filter(|line| !line.starts_with('#') && !line.contains("LoadCredential"));
        let away: Vec<&str> =
            set.filter(|l| l.contains("/var/lib") || l.contains("/run/") || l.contains("/etc/")).collect();
        assert!(away.is_empty(), "{file}: {away:?}");
    }
    for (file, old, new) in [
        ("namewarden.toml", "host = \"\"", "host = \"smtp.acme.example\""),
        ("namewarden.toml", "from = \"\"", "from = \"nw@acme.example\""),
        ("namewarden.toml", "username = \"\"", "username = \"nw\""),
        ("inventory.toml", "# \"acme-billing", "\"acme-billing"),
    ] {
        edit(&dir, file, old, new);
    }
    fs::write(dir.join("credentials/smtp-password"), "hunter2\n").expect("a file");
    let settings = namewarden::config::load(&dir.join("namewarden.toml"), &Environment::default()).expect("good");
    for path in [&settings.state_dir, &settings.backups, &settings.inventory, &settings.control.socket] {
        assert!(path.starts_with(&dir), "{}", path.display());
    }
    let command = said.lines().find_map(|line| line.strip_prefix("4. namewarden ")).expect("a command");
    let shell = format!("cd /; {} {command}", env!("CARGO_BIN_EXE_namewarden"));
    let ran = std::process::Command::new("sh").args(["-c", &shell]).output().expect("runs");
    assert!(ran.status.success(), "{shell}: {}", String::from_utf8_lossy(&ran.stderr));
    let checked = String::from_utf8_lossy(&ran.stdout).into_owned();
    assert!(checked.contains("test-alert --config '"), "{checked}");
    let mut list = std::process::Command::new(env!("CARGO_BIN_EXE_namewarden"));
    let nobody = list.args(["reload", "--config"]).arg(dir.join("namewarden.toml")).output().expect("runs");
    let nobody = String::from_utf8_lossy(&nobody.stderr).into_owned();
    assert!(nobody.contains("namewarden run --config '") && !nobody.contains("systemctl"), "{nobody}");
}

#[test]
fn a_contact_that_config_check_refuses_is_refused() {
    for contact in ["nonsense", "", "root@localhost", "http://intranet", "me@acme.example\u{e9}"] {
        let dir = tempfile::tempdir().expect("a directory");
        let fresh = dir.path().join("nw");
        let mut init = std::process::Command::new(env!("CARGO_BIN_EXE_namewarden"));
        let ran = init.args(["init", "--contact", contact, "--dir"]).arg(&fresh).output().expect("runs");
        let said = String::from_utf8_lossy(&ran.stderr).into_owned();
        assert_eq!(ran.status.code(), Some(2), "{contact:?}: {said}");
        assert!(said.contains("neither an e-mail address nor a web page"), "{contact:?}: {said}");
        assert!(!fresh.exists(), "{contact:?}");
    }
}

#[test]
fn init_overwrites_nothing() {
    let dir = tempfile::tempdir().expect("a directory");
    fs::write(dir.path().join("inventory.toml"), "mine").expect("a file");
    let error = init::run(&init_args(dir.path(), None), BASE).expect_err("a refusal").to_string();
    assert_snapshot!(error.replace(&dir.path().display().to_string(), "DIR"), @r##"DIR/inventory.toml exists, and init overwrites nothing; move it away, or choose another directory with --dir DIR"##);
    assert_eq!(fs::read_to_string(dir.path().join("inventory.toml")).expect("a file"), "mine");
    assert!(!dir.path().join("namewarden.toml").exists(), "and writes nothing else");
}

#[test]
fn init_says_where_it_cannot_write() {
    let dir = tempfile::tempdir().expect("a directory");
    fs::write(dir.path().join("file"), "").expect("a file");
    let error = init::run(&init_args(&dir.path().join("file/nw"), None), BASE).expect_err("a refusal").to_string();
    assert_snapshot!(error.replace(&dir.path().display().to_string(), "DIR"), @r##"cannot write DIR/file/nw; choose another directory with --dir DIR, or run as a user who may write there"##);
}

#[test]
fn by_default_init_writes_for_the_unit() {
    let command = init::Args::augment_args(clap::Command::new("init"));
    let matches = command.try_get_matches_from(["init"]).expect("arguments");
    let args = init::Args::from_arg_matches(&matches).expect("arguments");
    assert_eq!(args.dir, Path::new("/etc/namewarden"));
}

/// What would fail at the gate's start only, and what would leave one of the two without an address.
#[test]
fn what_the_gate_would_not_start_with_is_said_before() {
    let world = tempfile::tempdir().expect("a directory");
    let dir = world.path();
    let said = |web: &str, gate: &str| {
        let text = format!(
            "contact = \"ops@acme.example\"\nstate_dir = \".\"\n[pypi]\nbase = \"{BASE}\"\n[alert]\ndefault_owner = \"ops\"\n\
             [alert.email]\nhost = \"mail.acme.example\"\nfrom = \"w@acme.example\"\n[web]\nlisten = \"{web}\"\n{gate}"
        );
        fs::write(dir.join("namewarden.toml"), text).expect("written");
        check(dir)
    };
    fs::write(dir.join("inventory.toml"), "[owners.ops]\nemail = [\"ops@acme.example\"]\nnames = [\"acme-billing\"]\n")
        .expect("written");
    let login = "[gate.private]\nindex = \"https://pypi.acme.example/simple/\"\nlogin_credential = \"index-login\"\n";
    let missing = said("127.0.0.1:8470", login).expect_err("no credential");
    assert!(missing.contains("the gate would not start") && missing.contains("credentials/index-login"), "{missing}");
    fs::create_dir(dir.join("credentials")).expect("made");
    let secret = dir.join("credentials/index-login");
    fs::write(&secret, "ada:hunter2\n").expect("written");
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o600)).expect("set");
    assert!(said("127.0.0.1:8470", login).is_ok_and(|said| !said.contains("hunter2")));
    let same = said("127.0.0.1:8470", "[gate]\nlisten = \"127.0.0.1:8470\"\n").expect_err("one address");
    assert!(same.contains("namewarden.toml:13:10: gate.listen: ") && same.contains("write another port"), "{same}");
}
