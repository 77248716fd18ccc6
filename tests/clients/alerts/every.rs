//! One of every kind of channel, from the text of the configuration to a receiver. A new kind does not compile without a
//! sample here.

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use namewarden::config::{Environment, Redactor, Settings, check_routes, load};
use namewarden::delivery::channel::Channels;
use namewarden::model::{Channel, ChannelKind, Inventory, OwnerId};
use namewarden::watchlist;
use namewarden::watchlist::routes::Routes;

use super::http::Receiver;
use super::world::{SIGNING, attempt, briefing, client, fate, now};

/// What an answer of each kind of receiver may be, at once.
const ANSWER: &str = r#"{"status":"success","message":"Event processed","dedup_key":"x"}"#;

/// The keys of a section, and the credentials that they name.
struct Sample {
    keys: String,
    credentials: Vec<(&'static str, String)>,
}

fn sample(kind: ChannelKind, address: &str) -> Sample {
    let url = |name| (name, address.to_owned());
    match kind {
        ChannelKind::Slack => Sample { keys: "url_credential = \"slack\"".to_owned(), credentials: vec![url("slack")] },
        ChannelKind::Webhook => Sample {
            keys: "url_credential = \"hook\"\nsecret_credential = \"signing\"".to_owned(),
            credentials: vec![url("hook"), ("signing", SIGNING.to_owned())],
        },
        ChannelKind::PagerDuty => Sample {
            keys: format!("routing_key_credential = \"key\"\nurl = \"{address}\""),
            credentials: vec![("key", "R0123456789abcdef0123456789abcde".to_owned())],
        },
        ChannelKind::Exec => Sample {
            keys: "program = \"/bin/sh\"\narguments = [\"-c\", \"grep -q torchtriton\"]".to_owned(),
            credentials: Vec::new(),
        },
    }
}

fn write(dir: &Path, name: &str, text: &str) {
    let path = dir.join(name);
    fs::create_dir_all(path.parent().expect("a directory")).expect("a directory");
    fs::write(&path, text).expect("written");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("a mode");
}

/// A section of every kind, and an owner who is told by all of them.
fn configured(dir: &Path, address: &str) -> (Settings, Inventory) {
    let mut config = "contact = \"sec@acme.example\"\n[pypi]\nbase = \"https://pypi.example\"\n[alert]\n\
                      default_owner = \"ml\"\nconsole = true\n[alert.email]\nhost = \"127.0.0.1\"\ntls = \"none\"\n\
                      from = \"nw@acme.example\"\n"
        .to_owned();
    let mut owner = "[owners.ml]\nemail = [\"ml@acme.example\"]\n".to_owned();
    for kind in ChannelKind::ALL {
        let Sample { keys, credentials } = sample(kind, address);
        let _ = writeln!(config, "[alert.{}.one]\n{keys}", kind.as_str());
        let _ = writeln!(owner, "{} = [\"one\"]", kind.as_str());
        credentials.iter().for_each(|(name, text)| write(dir, &format!("credentials/{name}"), text));
    }
    write(dir, "namewarden.toml", &config);
    write(dir, "inventory.toml", &format!("{owner}names = [\"acme-billing\"]\n"));
    let settings =
        load(&dir.join("namewarden.toml"), &Environment::default()).unwrap_or_else(|e| panic!("{e}\n{config}"));
    let loaded = watchlist::load(&settings.inventory, &settings.alert.default_owner).unwrap_or_else(|e| panic!("{e}"));
    (settings, loaded.inventory)
}

#[tokio::test]
async fn every_kind_goes_from_its_section_to_its_receiver() {
    let (dir, receiver) = (tempfile::tempdir().expect("a directory"), Receiver::answering(&[(202, ANSWER)]));
    let (settings, inventory) = configured(dir.path(), &receiver.listen().await);
    check_routes(&settings, &inventory).expect("everybody can be told");
    let routes = Routes::configured(&settings.alert);
    let named = ChannelKind::ALL.map(|kind| kind.named("one"));
    let every: Vec<Channel> = [Channel::Email].into_iter().chain(named.clone()).chain([Channel::Console]).collect();
    assert_eq!((routes.every(), routes.channels(&OwnerId("ml".to_owned()), &inventory)), (every.clone(), every));
    let channels = Channels::build(&settings.alert, &client()).expect("settings that work");
    let owner = inventory.owners.values().next().expect("an owner");
    for channel in named {
        channels.probe(&channel, &[owner]).await.unwrap_or_else(|error| panic!("{channel}: {error}"));
        let told = fate(attempt(&channels, &channel, owner, &briefing("0123456789abcdef"), now()).await);
        assert_eq!(told, Ok(None), "{channel}");
    }
}

#[tokio::test]
async fn every_credential_of_every_kind_is_known_to_the_redactor() {
    let (dir, receiver) = (tempfile::tempdir().expect("a directory"), Receiver::answering(&[(202, ANSWER)]));
    let address = receiver.listen().await;
    let (settings, _) = configured(dir.path(), &address);
    let redactor = Redactor::new(&settings.alert);
    for (name, text) in ChannelKind::ALL.into_iter().flat_map(|kind| sample(kind, &address).credentials) {
        let said = redactor.redacted(&format!("they said {text} to us"));
        assert_eq!(said, "they said […] to us", "{name}");
    }
}

/// An inventory keeps every kind of channel of its owners, whoever writes it anew.
#[test]
fn every_kind_survives_the_export_of_an_inventory() {
    let dir = tempfile::tempdir().expect("a directory");
    let (_, inventory) = configured(dir.path(), "http://127.0.0.1:9/hook-of-somebody");
    write(dir.path(), "again.toml", &watchlist::to_toml(&inventory));
    let again = watchlist::load(&dir.path().join("again.toml"), &OwnerId("ml".to_owned())).expect("it is read");
    assert_eq!(again.inventory.owners, inventory.owners);
    assert_eq!(inventory.owners.values().next().map(|owner| owner.channels.len()), Some(ChannelKind::ALL.len()));
}
