//! Every way in which a configuration can be wrong, and what its author is told.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use insta::assert_snapshot;
use namewarden::config::channels::ChannelSettings;
use namewarden::config::{ConfigError, Environment, RouteError, Settings, check_routes, load};
use namewarden::model::{Channel, OwnerId};
use namewarden::watchlist;

/// A good configuration with a mail server on this machine and a webhook.
const GOOD: &str = r#"
contact = "security@acme.example"
[pypi]
base = "https://pypi.example/"
[alert]
default_owner = "security"
[alert.email]
host = "localhost"
from = "nw@acme.example"
[alert.webhook.soc]
url_credential = "soc-url"
secret_credential = "soc-secret"
"#;

struct World(tempfile::TempDir);

impl World {
    fn new() -> Self {
        let world = Self(tempfile::tempdir().expect("a directory"));
        world.credential("soc-url", "https://soc.acme.example/hook");
        world.credential("soc-secret", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        world
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn credential(&self, name: &str, text: &str) {
        let directory = self.path().join("credentials");
        fs::create_dir_all(&directory).expect("a directory");
        fs::write(directory.join(name), text).expect("a file");
        self.mode(name, 0o600);
    }

    fn mode(&self, name: &str, mode: u32) {
        let path = self.path().join("credentials").join(name);
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("a mode");
    }

    fn load(&self, text: &str) -> Result<Settings, ConfigError> {
        let path = self.path().join("nw.toml");
        fs::write(&path, text).expect("a file");
        load(&path, &Environment::default())
    }

    /// The error's text, with the directory of this run taken out.
    fn error(&self, text: &str) -> String {
        let error = self.load(text).expect_err("a refusal");
        error.to_string().replace(&format!("{}/", self.path().display()), "")
    }
}

/// The error of the good configuration after one replacement.
fn changed(old: &str, new: &str) -> String {
    assert!(GOOD.contains(old), "{old}");
    World::new().error(&GOOD.replacen(old, new, 1))
}

/// The error of the good configuration with a section more.
fn with(more: &str) -> String {
    World::new().error(&format!("{GOOD}{more}"))
}

/// Where a channel posts to.
fn address<'s>(settings: &'s Settings, channel: &str) -> &'s str {
    let channel: Channel = channel.parse().expect("a channel");
    match &settings.alert.channels[&channel] {
        ChannelSettings::Slack(slack) => slack.url.expose(),
        ChannelSettings::Webhook(webhook) => webhook.url.expose(),
        other => panic!("{other:?} posts nowhere"),
    }
}

/// Several errors, one below the other.
fn told<const N: usize>(errors: [String; N]) -> String {
    errors.join("\n")
}

#[test]
fn the_good_one_is_good() {
    let settings = World::new().load(GOOD).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(settings.pypi.base, "https://pypi.example");
    assert_eq!(address(&settings, "webhook:soc"), "https://soc.acme.example/hook");
}

#[test]
fn a_file_that_is_not_there() {
    let error = load(Path::new("/nowhere/namewarden.toml"), &Environment::default()).expect_err("a refusal");
    assert_snapshot!(error, @r##"the configuration /nowhere/namewarden.toml cannot be read; name another with --config FILE, or write one: namewarden init"##);
    assert!(std::error::Error::source(&error).is_some(), "the system's reason is kept");
    assert_eq!(ConfigError::EXIT_STATUS, 78);
}

#[test]
fn what_is_no_toml() {
    assert_snapshot!(told([
        changed("[alert]", "[alert"),
        changed("\"security\"", "security"),
        changed("[pypi]", "contact = \"a@b.example\"\n[pypi]"),
        with("[pypi]\n"),
        changed("host = ", "host "),
    ]), @r##"
    nw.toml:5:7: not TOML: unclosed table; write `]` here
    nw.toml:6:17: not TOML: string values must be quoted; write it in "quotes"
    nw.toml:3:1: contact: given twice; keep one of them
    nw.toml:13:2: pypi: given twice; keep one of them
    nw.toml:8:6: not TOML: key with no value; write `=` here
    "##);
}

#[test]
fn unknown_keys_are_told_with_what_was_meant() {
    assert_snapshot!(told([
        changed("contact", "kontact"),
        with("[feeds]\nrss_evry = \"30s\"\n"),
        with("[pipy]\nbase = \"x\"\n"),
        with("[alert.emial]\n"),
        changed("host =", "colour ="),
    ]), @r##"
    nw.toml:2:1: kontact: unknown key "kontact"; did you mean "contact"?
    nw.toml:14:1: feeds.rss_evry: unknown key "rss_evry"; did you mean "rss_every"?
    nw.toml:13:2: pipy: unknown key "pipy"; did you mean "pypi"?
    nw.toml:13:8: alert.emial: unknown key "emial"; did you mean "email"?
    nw.toml:8:1: alert.email.colour: unknown key "colour"; known here: host, port, tls, ca_file, from, helo_name, username, password_file, password_credential
    "##);
}

#[test]
fn secrets_in_the_open_are_refused_and_not_repeated() {
    let error = changed("from =", "password = \"hunter2\"\nfrom =");
    assert!(!error.contains("hunter2"));
    assert_snapshot!(told([
        error,
        with("[alert.slack.security]\nurl = \"https://hooks.slack.example/T/B/x\"\n"),
        with("[alert.slack]\nsecurity = \"https://hooks.slack.example/T/B/x\"\n"),
        changed("secret_credential = \"soc-secret\"", "secret = \"whsec_x\""),
        with("[http]\nproxy = \"http://user:hunter2@proxy.example\"\n"),
    ]), @r##"
    nw.toml:9:1: alert.email.password: a secret does not belong in this file; put it on one line into a file of mode 0600 in the credentials directory and name that file: password_credential = "FILE" (config/credentials.md); then change the secret, for it has been in the open
    nw.toml:14:1: alert.slack.security.url: a secret does not belong in this file; put it on one line into a file of mode 0600 in the credentials directory and name that file: url_credential = "FILE" (config/credentials.md); then change the secret, for it has been in the open
    nw.toml:14:12: alert.slack.security: it is a string; write a table, [alert.slack.NAME], with url_credential or url_file
    nw.toml:12:1: alert.webhook.soc.secret: a secret does not belong in this file; put it on one line into a file of mode 0600 in the credentials directory and name that file: secret_credential = "FILE" (config/credentials.md); then change the secret, for it has been in the open
    nw.toml:14:9: http.proxy: this proxy address holds an account; write http://HOST:PORT of a proxy that lets this machine through without a password
    "##);
}

/// A mention goes to Slack as it is written, and the instance into every message: both are what they are said to be.
#[test]
fn what_stands_in_every_message_is_checked() {
    let mention = |text: &str| {
        let world = World::new();
        world.credential("hook", "https://hooks.slack.example/services/T/B/x");
        let more = format!("[alert.slack.ops]\nurl_credential = \"hook\"\nmention = \"{text}\"\n");
        world.error(&format!("{GOOD}{more}"))
    };
    let instance = |text: &str| changed("contact =", &format!("instance = \"{text}\"\ncontact ="));
    assert_snapshot!(
        told([mention("@here"), mention("<!here> <@bob>"), mention(""), instance(" "), instance("<!here>")]),
        @r#"
    nw.toml:15:11: alert.slack.ops.mention: "@here" is no mention that Slack knows; write "<!here>", "<!channel>", "<!subteam^S0123ABCD>" for a user group or "<@U0123ABCD>" for a user, several with a space between
    nw.toml:15:11: alert.slack.ops.mention: "<@bob>" is no mention that Slack knows; write "<!here>", "<!channel>", "<!subteam^S0123ABCD>" for a user group or "<@U0123ABCD>" for a user, several with a space between
    nw.toml:15:11: alert.slack.ops.mention: "" is no mention that Slack knows; write "<!here>", "<!channel>", "<!subteam^S0123ABCD>" for a user group or "<@U0123ABCD>" for a user, several with a space between
    nw.toml:2:12: instance: the name of this watch has to be a line of 1 to 60 characters without < > and `; write what you call it, such as "production", or leave the key out
    nw.toml:2:12: instance: the name of this watch has to be a line of 1 to 60 characters without < > and `; write what you call it, such as "production", or leave the key out
    "#
    );
}

#[test]
fn values_of_another_type() {
    assert_snapshot!(told([
        with("[feeds]\nrss_every = 30\n"),
        with("[feeds]\nrss_every = \"30\"\n"),
        with("[feeds]\nchangelog = \"maybe\"\n"),
        with("[feeds]\nchangelog = true\n"),
        changed("host = \"localhost\"", "host = 25"),
        changed("[alert.email]", "canary = \"yes\"\n[alert.email]"),
        changed("[alert.email]", "daily_at_hour = \"7\"\n[alert.email]"),
        changed("[alert.email]", "escalate_after = \"soon\"\n[alert.email]"),
        changed("from =", "tls = \"ssl\"\nfrom ="),
        with("http = 1\n"),
    ]), @r##"
    nw.toml:14:13: feeds.rss_every: it is an integer; write a length of time in quotes, like "30s", "5m" or "24h"
    nw.toml:14:13: feeds.rss_every: "30" is no length of time; write a whole number and a unit, like "30s", "5m", "24h" or "7d"
    nw.toml:14:13: feeds.changelog: "maybe" is not known here; known here: auto, on, off
    nw.toml:14:13: feeds.changelog: it is no text; write one of its words in "quotes"
    nw.toml:8:8: alert.email.host: it is an integer; write text in "quotes"
    nw.toml:7:10: alert.canary: it is a string; write true or false
    nw.toml:7:17: alert.daily_at_hour: it is a string; write a whole number without quotes
    nw.toml:7:18: alert.escalate_after: "soon" is no length of time; write a whole number and a unit, like "30s", "5m", "24h" or "7d"
    nw.toml:9:7: alert.email.tls: "ssl" is not known here; known here: starttls, implicit, none
    nw.toml:13:1: alert.webhook.soc.http: unknown key "http"; known here: url_file, url_credential, secret_file, secret_credential
    "##);
}

#[test]
fn values_out_of_range() {
    assert_snapshot!(told([
        with("[feeds]\nrss_every = \"4s\"\n"),
        with("[http]\ntimeout = \"1h\"\n"),
        changed("[alert.email]", "daily_at_hour = 24\n[alert.email]"),
        changed("from =", "port = 0\nfrom ="),
        changed("security@acme.example", "the security team"),
        changed("\"localhost\"", "\"smtp.acme.example:587\""),
        changed("nw@acme.example", "nw"),
        changed("nw@acme.example", "jürgen@acme.example"),
        changed("nw@acme.example", "nw\\r\\nBcc: x <nw@acme.example>"),
        changed("from =", "helo_name = \"watch\"\nfrom ="),
        changed("from =", "helo_name = \"[watch.acme.example]\"\nfrom ="),
        changed("\"security\"", "\" \""),
        with(&format!("[control]\nsocket = \"/run/{}\"\n", "x".repeat(110))),
        changed("[pypi]", "inventory = \"\"\n[pypi]"),
        changed("webhook.soc", "webhook.\"s:c\""),
    ]), @r##"
    nw.toml:14:13: feeds.rss_every: 4s is out of range; write "5s" to "1h"
    nw.toml:14:11: http.timeout: 1h is out of range; write "1s" to "10m"
    nw.toml:7:17: alert.daily_at_hour: 24 is no hour of the day; write 0 to 23, in UTC
    nw.toml:9:8: alert.email.port: 0 is no port; write 1 to 65535; 587 for starttls, 465 for implicit
    nw.toml:2:11: contact: "the security team" is neither an e-mail address nor a web page; write how PyPI's administrators reach you: contact = "security@your.example"
    nw.toml:8:8: alert.email.host: "smtp.acme.example:587" is no host name; write the name alone, and the port as port = 587
    nw.toml:9:8: alert.email.from: "nw" is no e-mail address; write "namewarden@your.example" or "namewarden <namewarden@your.example>"
    nw.toml:9:8: alert.email.from: "jürgen@acme.example" has letters before the @ that many mail servers refuse; write "namewarden@your.example" or "namewarden <namewarden@your.example>"
    nw.toml:9:8: alert.email.from: "nw\r\nBcc: x <nw@acme.example>" holds a control character; write "namewarden@your.example" or "namewarden <namewarden@your.example>"
    nw.toml:9:13: alert.email.helo_name: "watch" is neither a full name nor an address in brackets; write this machine's full name, "watch.your.example", or its address, "[192.0.2.1]"
    nw.toml:9:13: alert.email.helo_name: "[watch.acme.example]" is neither a full name nor an address in brackets; write this machine's full name, "watch.your.example", or its address, "[192.0.2.1]"
    nw.toml:6:17: alert.default_owner: is empty; write the id of an owner in the inventory
    nw.toml:14:10: control.socket: /run/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx is longer than the 107 bytes a socket may have; write a shorter path, like /run/namewarden/control.sock
    nw.toml:3:13: inventory: the path is empty; write a path, absolute or relative to this file
    nw.toml:10:16: alert.webhook.s:c: "s:c" is no channel name; use ASCII letters, digits, - and _
    "##);
}

#[test]
fn an_index_on_this_machine_needs_no_sparing() {
    let near = GOOD.replace("https://pypi.example/", "http://127.0.0.1:8080");
    let settings = World::new().load(&format!("{near}[feeds]\nrss_every = \"200ms\"\n"));
    assert_eq!(settings.map(|s| s.feeds.rss_every.as_millis()).ok(), Some(200));
}

#[test]
fn addresses_that_would_betray() {
    assert_snapshot!(told([
        changed("https://pypi.example/", "http://pypi.example/"),
        changed("https://pypi.example/", "https://me@pypi.example/"),
        changed("https://pypi.example/", "pypi.example"),
        changed("https://pypi.example/", "https://pypi.example/?x=1"),
    ]), @r##"
        nw.toml:4:8: pypi.base: "http://pypi.example/" is clear text over a network; write the base address alone, https://HOST; http:// is for this machine only
        nw.toml:4:8: pypi.base: this address holds an account; write the base address alone, https://HOST; http:// is for this machine only
        nw.toml:4:8: pypi.base: this address is no web address; write the base address alone, https://HOST; http:// is for this machine only
        nw.toml:4:8: pypi.base: "https://pypi.example/?…" goes on after the path; write the base address alone, https://HOST; http:// is for this machine only
        "##);
    let plain = "host = \"smtp.acme.example\"\ntls = \"none\"";
    assert_snapshot!(changed("host = \"localhost\"", plain), @r##"nw.toml:9:7: alert.email.tls: clear text may not leave this machine; write "starttls" or "implicit"; "none" is for a mail server on localhost"##);
    let local = GOOD.replace("from =", "tls = \"none\"\nfrom =");
    assert_eq!(World::new().load(&local).ok().and_then(|s| s.alert.email().map(|e| e.port)), Some(25));
}

/// All that is missing is told at once.
#[test]
fn an_empty_file_says_all_that_is_required() {
    assert_snapshot!(told([
        World::new().error(""),
        World::new().error("[alert]\nconsole = true\n[alert.email]\n"),
    ]), @r##"
    nw.toml:1:1: contact: is missing; write who PyPI's administrators may ask: contact = "security@your.example"
    nw.toml:1:1: pypi.base: is missing; write the base address of the index under [pypi]; namewarden init writes that of PyPI
    nw.toml:1:1: alert: no alert path is configured, so nobody would hear an alarm; add at least one of: [alert.email] with host and from; [alert.slack.NAME] with url_credential; [alert.webhook.NAME] with url_credential and secret_credential; [alert.pagerduty.NAME] with routing_key_credential; [alert.exec.NAME] with program
    nw.toml:1:1: alert.default_owner: is missing; write the id of an owner in the inventory who answers for whatever nobody else does
    nw.toml:1:1: contact: is missing; write who PyPI's administrators may ask: contact = "security@your.example"
    nw.toml:1:1: pypi.base: is missing; write the base address of the index under [pypi]; namewarden init writes that of PyPI
    nw.toml:1:1: alert.default_owner: is missing; write the id of an owner in the inventory who answers for whatever nobody else does
    nw.toml:3:1: alert.email.host: is missing; write the name of your mail server: host = "smtp.your.example"
    nw.toml:3:1: alert.email.from: is missing; write the sender: from = "namewarden@your.example"
    "##);
}

#[test]
fn credentials_that_cannot_be_used() {
    let webhook = |name: &str, text: &str| {
        let world = World::new();
        world.credential(name, text);
        world.error(GOOD)
    };
    assert_snapshot!(told([
        webhook("soc-url", "http://soc.acme.example/hook"),
        webhook("soc-url", ""),
        webhook("soc-url", "https://soc.acme.example/a\nhttps://soc.acme.example/b"),
        webhook("soc-secret", "whsec_c2hvcnQ="),
        changed("\"soc-url\"", "\"soc-uri\""),
        changed("\"soc-url\"", "\"../soc-url\""),
        changed("url_credential = \"soc-url\"", ""),
        changed("url_credential", "url_file = \"x\"\nurl_credential"),
        changed("from =", "username = \"nw\"\nfrom ="),
    ]), @r##"
    nw.toml:10:16: alert.webhook.soc.url: the credential file credentials/soc-url holds no address to post to; write an https:// address into it; http:// is for this machine only
    nw.toml:11:18: alert.webhook.soc.url_credential: the credential file credentials/soc-url is empty; write the secret on one line into it, and nothing else
    nw.toml:11:18: alert.webhook.soc.url_credential: the credential file credentials/soc-url holds more than one line; write the secret on one line into it, and nothing else
    nw.toml:10:16: alert.webhook.soc.secret: the credential file credentials/soc-secret holds no signing secret; write whsec_ and 24 to 64 random bytes in base64, as your receiver shows it
    nw.toml:11:18: alert.webhook.soc.url_credential: the credential file credentials/soc-uri cannot be read (No such file or directory (os error 2)); write the secret on one line into credentials/soc-uri, owned by the user whose process reads it, mode 0600
    nw.toml:11:18: alert.webhook.soc.url_credential: this is no name of a credential; write a bare file name, like "smtp-password"; for a path there is the …_file key
    nw.toml:10:16: alert.webhook.soc.url: is missing; write url_credential = "NAME" or url_file = "PATH"
    nw.toml:11:12: alert.webhook.soc.url: is given as a file and as a credential; keep one of them
    nw.toml:7:1: alert.email: has half an account; write both username and password_credential, or neither for a server that wants none
    "##);
}

#[test]
fn a_credential_that_everybody_can_read() {
    let world = World::new();
    world.mode("soc-secret", 0o644);
    assert_snapshot!(world.error(GOOD), @r##"nw.toml:12:21: alert.webhook.soc.secret_credential: the credential file credentials/soc-secret is open to every user of this machine; run: chmod o= credentials/soc-secret"##);
    world.mode("soc-secret", 0o640);
    assert!(world.load(GOOD).is_ok(), "the daemon's group may read");
}

/// systemd's copy is preferred, and a credential that the unit forgot is told as such.
#[test]
fn credentials_of_systemd() {
    let (world, unit) = (World::new(), World::new());
    unit.credential("soc-url", "https://of-systemd.acme.example");
    let systemd = Environment { credentials: Some(unit.path().join("credentials")), ..Environment::default() };
    let path = world.path().join("nw.toml");
    fs::write(&path, GOOD).expect("a file");
    let settings = load(&path, &systemd).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(address(&settings, "webhook:soc"), "https://of-systemd.acme.example");
    fs::write(&path, GOOD.replace("\"soc-url\"", "\"other\"")).expect("a file");
    let error = load(&path, &systemd).expect_err("a refusal").to_string();
    assert_snapshot!(error.replace(&world.path().display().to_string(), "/etc/namewarden"), @r##"/etc/namewarden/nw.toml:11:18: alert.webhook.soc.url_credential: the credential file /etc/namewarden/credentials/other cannot be read (No such file or directory (os error 2)); write the secret on one line into /etc/namewarden/credentials/other, owned by the user whose process reads it, mode 0600; under systemd add LoadCredential=other:/etc/namewarden/credentials/other to the unit"##);
}

#[test]
fn what_reads_well_and_cannot_work() {
    let base = |address: &str| changed("base = \"https://pypi.example/\"", &format!("base = \"{address}\""));
    let contact = |text: &str| changed("contact = \"security@acme.example\"", &format!("contact = \"{text}\""));
    let port = |text: &str| changed("host = \"localhost\"\n", &format!("host = \"mail.acme.example\"\n{text}\n"));
    assert_snapshot!(told([
        base("https://pypi.example/simple/"),
        base("https://pypi.example/pypi"),
        base("https://mirror.example/root/rss/packages.xml"),
        base("https://me:secret@pypi.example/simple"),
        base("https://pypi.example/?token=secret"),
        contact("nope"),
        contact("root@localhost"),
        contact("http://intranet/team"),
        contact("https://me:se/cret@acme.example/team"),
        changed("contact", "state_dir = \"nw.toml\"\ncontact"),
        changed("contact", "backups = \"~/backups\"\ncontact"),
        with("[alert.slack.\"https://me:secret@x\"]\nurl_file = \"x\"\n"),
        port("port = 465"),
        port("port = 587\ntls = \"implicit\""),
    ]), @r##"
        nw.toml:4:8: pypi.base: "https://pypi.example/simple/" is the address of a part of the index, and the feeds hang beside that; write the address above it, "https://pypi.example"
        nw.toml:4:8: pypi.base: "https://pypi.example/pypi" is the address of a part of the index, and the feeds hang beside that; write the address above it, "https://pypi.example"
        nw.toml:4:8: pypi.base: "https://mirror.example/root/rss/packages.xml" is the address of a part of the index, and the feeds hang beside that; write the address above it, "https://mirror.example/root"
        nw.toml:4:8: pypi.base: this address holds an account; write the base address alone, https://HOST; http:// is for this machine only
        nw.toml:4:8: pypi.base: "https://pypi.example/?…" goes on after the path; write the base address alone, https://HOST; http:// is for this machine only
        nw.toml:2:11: contact: "nope" is neither an e-mail address nor a web page; write how PyPI's administrators reach you: contact = "security@your.example"
        nw.toml:2:11: contact: "root@localhost" is neither an e-mail address nor a web page; write how PyPI's administrators reach you: contact = "security@your.example"
        nw.toml:2:11: contact: "http://intranet/team" is neither an e-mail address nor a web page; write how PyPI's administrators reach you: contact = "security@your.example"
        nw.toml:2:11: contact: "https://…@acme.example/team" is neither an e-mail address nor a web page; write how PyPI's administrators reach you: contact = "security@your.example"
        nw.toml:2:13: state_dir: nw.toml is a file, and no directory; write the path of a directory
        nw.toml:2:11: backups: "~/backups" is taken as it stands, for no shell reads it; write the whole path, or one relative to this file
        nw.toml:13:14: alert.slack.https://…@x: "https://…@x" is no channel name; use ASCII letters, digits, - and _
        nw.toml:14:12: alert.slack.https://…@x.url_file: the credential file x cannot be read (No such file or directory (os error 2)); write the secret on one line into x, owned by the user whose process reads it, mode 0600
        nw.toml:9:8: alert.email.port: port 465 has TLS from the first byte; write tls = "implicit"
        nw.toml:9:8: alert.email.port: port 587 begins in clear text; write tls = "starttls", or port = 465
        "##);
}

/// With the places in the two files.
fn placed(world: &World, inventory: &str, error: &RouteError) -> String {
    let path = world.path().join("inventory.toml");
    fs::write(&path, inventory).expect("a file");
    let text = error.placed(&[world.path().join("nw.toml")], &path).to_string();
    text.replace(&format!("{}/", world.path().display()), "")
}

#[test]
fn configuration_and_inventory_must_fit() {
    let world = World::new();
    let settings = world.load(GOOD).unwrap_or_else(|error| panic!("{error}"));
    let problems = |toml: &str| {
        let source = namewarden::config::source::Source::new(Path::new("inventory.toml"), toml.to_owned());
        let inventory = watchlist::from_source(source, &OwnerId("security".to_owned()));
        check_routes(&settings, &inventory.unwrap_or_else(|e| panic!("{e}"))).err().map(|e| placed(&world, toml, &e))
    };
    assert_eq!(problems("names = [\"a\"]\n[owners.security]\nwebhook = [\"soc\"]\n"), None);
    assert_snapshot!(told([
        problems("names = [\"acme-a\"]\n").unwrap_or_default(),
        problems("[owners.securty]\nemail = [\"a@acme.example\"]\nnames = [\"acme-a\"]\n").unwrap_or_default(),
        problems("names = [\"acme-a\"]\n[owners.security]\nslack = [\"security\"]\nwebhook = [\"sok\"]\n")
            .unwrap_or_default(),
    ]), @r##"
        nw.toml:6:1: alert.default_owner: the inventory declares no channel for the owner "security"; write [owners.security] with email = ["…"] there
        nw.toml:6:1: alert.default_owner: the inventory declares no channel for the owner "security"; did you mean "securty"?
        inventory.toml:3:10: owners.security.slack: the configuration has no [alert.slack.security]; add it, or take "security" out
        inventory.toml:4:12: owners.security.webhook: the configuration has no [alert.webhook.sok]; did you mean "soc"?
        "##);
}

/// An owner who lists addresses counts on mail.
#[test]
fn addresses_need_a_mail_server_and_owners_a_channel() {
    let text = GOOD.replace("[alert.email]\nhost = \"localhost\"\nfrom = \"nw@acme.example\"\n", "");
    let world = World::new();
    let settings = world.load(&text).unwrap_or_else(|error| panic!("{error}"));
    let toml = "[owners.security]\nwebhook = [\"soc\"]\nnames = [\"acme-a\"]\n[owners.ml]\n\
                [owners.pay]\nemail = [\"p@acme.example\"]\nwebhook = [\"soc\"]\n";
    let source = namewarden::config::source::Source::new(Path::new("inventory.toml"), toml.to_owned());
    let inventory = watchlist::from_source(source, &OwnerId("security".to_owned()));
    let error = check_routes(&settings, &inventory.unwrap_or_else(|e| panic!("{e}"))).expect_err("a refusal");
    assert_snapshot!(placed(&world, toml, &error), @r##"
        inventory.toml:4:9: owners.ml: cannot be told anything; add email = ["…"], slack = ["NAME"], webhook = ["NAME"], pagerduty = ["NAME"] or exec = ["NAME"]
        inventory.toml:6:1: owners.pay.email: the configuration has no [alert.email]; add it with host and from, or take the addresses out
        "##);
}

/// What is published in the company's name is held to what PyPI takes, long before there is a package.
#[test]
fn what_the_public_would_be_shown() {
    assert_snapshot!(told([
        with("[claim]\ncompany = \"Acme <b>\"\ncontact = \"a@acme.test\"\nversion = \"0.1+acme\"\n"),
        with("[claim]\nindex = \"https://me:hunter2@pypi.acme.example\"\nhomepage = \"http://acme.example\"\n"),
        with("[claim]\nlicense = \"free\"\npublic_hosts = [\"https://a.example\"]\ncustomers = [\"\"]\n"),
        with("[claim]\ntemplate = \"placeholder\"\n"),
    ]), @r##"
    nw.toml:14:11: claim.company: the company has to be a line of 1 to 100 characters without < > " ` and \; write its name as people know it: company = "Acme Corp"
    nw.toml:15:11: claim.contact: "a@acme.test" cannot be reached from outside, so PyPI refuses it; write the address at which people answer questions: contact = "python-packages@your.example"
    nw.toml:16:11: claim.version: "0.1+acme" has a local part; write one below every internal version, version = "0.0.1"
    nw.toml:14:9: claim.index: this address holds an account; write what people may open, https://HOST/PATH
    nw.toml:15:12: claim.homepage: "http://acme.example" is no address for a published page; write what people may open, https://HOST/PATH
    nw.toml:14:11: claim.license: "free" is no SPDX expression: unknown term; write an SPDX expression, license = "MIT" or "LicenseRef-Proprietary"
    nw.toml:15:16: claim.public_hosts: "https://a.example" is no host name; write names alone, public_hosts = ["pypi.your.example"]
    nw.toml:16:13: claim.customers: "" would be found everywhere; write the customer's name
    nw.toml:14:1: claim.template: unknown key "template"; did you mean "templates"?
    "##);
}

/// A drop-in for the configuration of this world.
fn drop_in(world: &World, name: &str, text: &str) {
    let directory = world.path().join("nw.d");
    fs::create_dir_all(&directory).expect("a directory");
    fs::write(directory.join(name), text).expect("a file");
}

#[test]
fn drop_ins_are_laid_over_the_file_and_named() {
    let world = World::new();
    drop_in(&world, "20-hour.toml", "[alert]\ndaily_at_hour = 9\n");
    drop_in(&world, "10-hour.toml", "[alert]\ndaily_at_hour = 8\nundelivered_after = \"2h\"\n");
    drop_in(&world, "30-hour.toml~", "[alert]\ndaily_at_hour = 10\n");
    world.credential("team-url", "https://hooks.slack.example/services/T/B/x");
    drop_in(&world, "15-team.toml", "[alert.slack.team]\nurl_credential = \"team-url\"\n");
    let settings = world.load(GOOD).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!((settings.alert.daily_at_hour, settings.alert.undelivered_after.as_secs()), (9, 7_200));
    assert_eq!(address(&settings, "slack:team"), "https://hooks.slack.example/services/T/B/x");
    assert_eq!(address(&settings, "webhook:soc"), "https://soc.acme.example/hook", "what stood before");
    let names = ["10-hour.toml", "15-team.toml", "20-hour.toml"].map(|name| world.path().join("nw.d").join(name));
    assert_eq!(settings.drop_ins, names);
}

#[test]
fn a_fault_of_a_drop_in_names_it() {
    let world = World::new();
    drop_in(&world, "10.toml", "[alert]\ndaily_at_our = 8\n");
    drop_in(&world, "20.toml", "[feeds]\nrss_every = 5\n");
    let said = |world: &World| world.load(GOOD).expect_err("a fault").to_string();
    let plain = |text: String| text.replace(&format!("{}/", world.path().display()), "");
    assert_snapshot!(plain(said(&world)), @r##"
    nw.d/10.toml:2:1: alert.daily_at_our: unknown key "daily_at_our"; did you mean "daily_at_hour"?
    nw.d/20.toml:2:13: feeds.rss_every: it is an integer; write a length of time in quotes, like "30s", "5m" or "24h"
    "##);
    drop_in(&world, "10.toml", "[alert]\n\ndaily_at_hour = 24\n");
    drop_in(&world, "20.toml", "[alert.slack.team]\nurl_credential = \"nowhere\"\n[feeds]\nrss_every = \"1s\"\n");
    assert_snapshot!(plain(said(&world)), @r##"
    nw.d/10.toml:3:17: alert.daily_at_hour: 24 is no hour of the day; write 0 to 23, in UTC
    nw.d/20.toml:2:18: alert.slack.team.url_credential: the credential file credentials/nowhere cannot be read (No such file or directory (os error 2)); write the secret on one line into credentials/nowhere, owned by the user whose process reads it, mode 0600
    nw.d/20.toml:4:13: feeds.rss_every: 1s is out of range; write "5s" to "1h"
    "##);
    drop_in(&world, "20.toml", "");
    std::os::unix::fs::symlink("nowhere", world.path().join("nw.d/10.toml.new")).expect("a link");
    fs::rename(world.path().join("nw.d/10.toml.new"), world.path().join("nw.d/10.toml")).expect("renamed");
    assert_snapshot!(plain(said(&world)), @"the drop-in nw.d/10.toml cannot be read; mend it, or take it out of the way");
}
