//! The shipped `config/namewarden.toml` is read by the program and compared whole with what it says the defaults are.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::Duration;

use namewarden::config::channels::ChannelSettings;
use namewarden::config::{
    AlertSettings, ChangelogMode, ClaimSettings, ControlSettings, EmailSettings, Environment, FeedSettings,
    HttpSettings, MailTls, PypiSettings, ReportSettings, Secret, Settings, UploadSettings, WebSettings, load,
};
use namewarden::model::version::Pep440;
use namewarden::model::{Channel, Mention, OwnerId};

const SAMPLE: &str = include_str!("../../../config/namewarden.toml");

fn credential(directory: &Path, name: &str, text: &str) {
    let path = directory.join("credentials").join(name);
    fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
    fs::write(&path, text).expect("a file");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("a mode");
}

fn program(directory: &Path, name: &str) {
    fs::write(directory.join(name), "#!/bin/sh\n").expect("a file");
    fs::set_permissions(directory.join(name), fs::Permissions::from_mode(0o755)).expect("a mode");
}

fn settings(text: &str, prepare: impl Fn(&Path)) -> (tempfile::TempDir, Settings) {
    let directory = tempfile::tempdir().expect("a directory");
    prepare(directory.path());
    let path = directory.path().join("namewarden.toml");
    fs::write(&path, text).expect("a file");
    let settings = load(&path, &Environment::default()).unwrap_or_else(|error| panic!("{error}"));
    (directory, settings)
}

fn claim() -> ClaimSettings {
    ClaimSettings {
        enabled: false,
        company: None,
        contact: Some("security@acme.example".to_owned()),
        index: None,
        homepage: None,
        policy: None,
        templates: None,
        version: Pep440::read("0.0.1").expect("a version"),
        license: "MIT".to_owned(),
        public_hosts: Vec::new(),
        customers: Vec::new(),
        organization: None,
        window: Duration::from_hours(24),
        one_person: false,
        upload: UploadSettings { to: None, test: None, user: "namewarden-claim".to_owned(), per_day: 3 },
    }
}

fn expected(directory: &Path) -> Settings {
    Settings {
        file: directory.join("namewarden.toml"),
        drop_ins: Vec::new(),
        environment: Environment::default(),
        loaded: Vec::new(),
        contact: "security@acme.example".to_owned(),
        instance: None,
        state_dir: "/var/lib/namewarden".into(),
        witness: Some("/var/log/namewarden".into()),
        backups: "/var/lib/namewarden/backups".into(),
        inventory: directory.join("inventory.toml"),
        pypi: PypiSettings { base: "https://pypi.example".to_owned() },
        http: HttpSettings { proxy: None, ca_file: None, timeout: Duration::from_secs(30) },
        feeds: FeedSettings {
            changelog: ChangelogMode::Auto,
            changelog_every: Duration::from_secs(60),
            rss_every: Duration::from_secs(30),
            index_every: Duration::from_mins(5),
            reconcile_every: Duration::from_hours(24),
        },
        alert: AlertSettings {
            default_owner: OwnerId("security".to_owned()),
            escalate_after: Some(Duration::from_hours(4)),
            undelivered_after: Duration::from_hours(1),
            daily_at_hour: 7,
            canary: true,
            channels: [(
                Channel::Email,
                ChannelSettings::Email(EmailSettings {
                    host: "smtp.acme.example".to_owned(),
                    port: 587,
                    tls: MailTls::Starttls,
                    ca_file: None,
                    from: "namewarden <namewarden@acme.example>".to_owned(),
                    helo_name: None,
                    username: Some("namewarden".to_owned()),
                    password: Some(Secret::new("hunter2")),
                }),
            )]
            .into(),
        },
        control: ControlSettings { socket: "/run/namewarden/control.sock".into() },
        reports: ReportSettings::default(),
        web: WebSettings::default(),
        gate: namewarden::config::GateSettings::default(),
        claim: claim(),
    }
}

#[test]
fn the_sample_is_what_it_says() {
    let (directory, settings) = settings(SAMPLE, |dir| credential(dir, "smtp-password", "hunter2\n"));
    assert_eq!(settings, expected(directory.path()));
}

/// The same with every key that has a default left out: the sample shows the defaults and not others.
#[test]
fn the_sample_shows_the_defaults() {
    let required = ["contact", "base", "default_owner", "host", "from", "username", "password_credential"];
    let kept = |line: &&str| line.starts_with('[') || required.iter().any(|key| line.starts_with(&format!("{key} =")));
    let text = SAMPLE.lines().filter(kept).collect::<Vec<_>>().join("\n");
    let (directory, settings) = settings(&text, |dir| credential(dir, "smtp-password", "hunter2"));
    assert_eq!(settings, expected(directory.path()));
}

/// A line `#key = …` or `#[section]` is a line to uncomment; prose begins `# `.
#[test]
fn what_the_sample_comments_out_is_valid_too() {
    let uncomment = |line: &str| match line.strip_prefix('#') {
        Some(rest) if rest.starts_with(|c: char| c == '[' || c.is_ascii_lowercase()) => format!("{rest}\n"),
        _ => format!("{line}\n"),
    };
    let text: String = SAMPLE.lines().map(uncomment).collect();
    let (directory, settings) = settings(&text, |dir| {
        credential(dir, "smtp-password", "hunter2");
        credential(dir, "pagerduty-oncall", "R0123456789abcdef0123456789abcde");
        program(dir, "open-ticket");
        credential(dir, "slack-security", "https://hooks.slack.example/services/T/B/x");
        credential(dir, "webhook-soc-url", "https://soc.acme.example/hook");
        credential(dir, "webhook-soc-secret", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        credential(dir, "web-tls-key", include_str!("../../fixtures/tls/self-signed.key"));
        fs::copy("tests/fixtures/tls/self-signed.pem", dir.join("web-chain.pem")).expect("copied");
        credential(dir, "oidc-client-secret", "c2VjcmV0LW9mLXRoZS1wcm92aWRlcg");
        credential(dir, "slack-signing-secret", "8f742231b10e8888abcd99yyyzzz85a5");
        credential(dir, "proxy-secret", "MlPmuoezBOQJ_XQRhiP8dTwDuvWPyfMpxrpvHXCWqsQ");
        credential(dir, "web-link", "c2lnbnMgdGhlIGxpbmtzIG9mIHRlc3RzIGFsb25l");
    });
    assert!(settings.web.link_key.is_some() && settings.web.tls.is_some());
    assert!(settings.web.proxy_user.is_some() && settings.web.oidc.is_some() && settings.web.slack.is_some());
    assert_eq!(settings.http.proxy.as_deref(), Some("http://proxy.acme.example:3128"));
    assert_eq!(
        settings.http.ca_file.as_ref().map(|file| file.path.clone()),
        Some(directory.path().join("company-ca.pem"))
    );
    let helo_name = settings.alert.email().and_then(|email| email.helo_name.as_deref());
    assert_eq!(helo_name, Some("watch.acme.example"));
    let ChannelSettings::Slack(slack) = &settings.alert.channels[&Channel::Slack("security".to_owned())] else {
        panic!()
    };
    assert_eq!(slack.url.expose(), "https://hooks.slack.example/services/T/B/x");
    let mention = slack.mention.as_ref().map(Mention::as_str);
    assert_eq!((mention, settings.instance.as_deref()), (Some("<!here>"), Some("production")));
    let ChannelSettings::Webhook(soc) = &settings.alert.channels[&Channel::Webhook("soc".to_owned())] else { panic!() };
    assert_eq!(soc.signing.expose(), "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    let claim = &settings.claim;
    assert_eq!((claim.company.as_deref(), claim.enabled), (Some("Acme Corp"), false));
    assert_eq!(claim.contact.as_deref(), Some("python-packages@acme.example"));
    assert_eq!(claim.templates, Some(directory.path().join("placeholder")));
    let ChannelSettings::Exec(ticket) = &settings.alert.channels[&Channel::Exec("ticket".to_owned())] else { panic!() };
    assert_eq!((ticket.program.clone(), ticket.arguments.len()), (directory.path().join("open-ticket"), 2));
    let oncall = &settings.alert.channels[&Channel::PagerDuty("oncall".to_owned())];
    let ChannelSettings::PagerDuty(oncall) = oncall else { panic!() };
    assert_eq!(oncall.routing_key.expose(), "R0123456789abcdef0123456789abcde");
    let web = (settings.web.listen.map(|listen| listen.to_string()), settings.web.public_url.as_deref());
    assert_eq!(web, (Some("127.0.0.1:8470".to_owned()), Some("https://watch.acme.example")));
    assert!(!format!("{settings:?}").contains("hunter2"), "no secret is printed");
}
