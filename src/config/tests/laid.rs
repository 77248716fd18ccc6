//! Drop-ins over the main file: what counts is what was said last, and what is wrong with it is told where that stands.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use proptest::prelude::*;
use proptest::sample::select;

use crate::config::{ConfigError, Environment, Settings, load};

/// Keys with two values that are good by themselves and one that is not.
const KEYS: [(&str, [&str; 3]); 12] = [
    ("contact", ["\"ops@acme.example\"", "\"https://acme.example/contact\"", "\"the team\""]),
    ("instance", ["\"one\"", "\"two\"", "\"<b>\""]),
    ("pypi.base", ["\"https://pypi.acme.example\"", "\"https://other.example\"", "\"http://pypi.acme.example\""]),
    ("http.timeout", ["\"20s\"", "\"1m\"", "\"1h\""]),
    ("feeds.rss_every", ["\"30s\"", "\"1m\"", "\"2h\""]),
    ("alert.default_owner", ["\"security\"", "\"ops\"", "\" \""]),
    ("alert.daily_at_hour", ["7", "8", "24"]),
    ("alert.email.host", ["\"mail.acme.example\"", "\"10.0.0.7\"", "\"mail:25\""]),
    ("alert.email.from", ["\"watch@acme.example\"", "\"Watch <w@acme.example>\"", "\"watch\""]),
    ("reports.cron", ["\"0 8 * * 1\"", "\"never\"", "\"weekly\""]),
    ("web.session_idle", ["\"1h\"", "\"2h\"", "\"1s\""]),
    ("gate.approvals", ["1", "2", "3"]),
];
const BAD: usize = 2;

/// What one file says: which value of which key, in the order of lines.
type Says = BTreeMap<usize, usize>;

fn text(says: &Says) -> String {
    says.iter().map(|(key, value)| format!("{} = {}\n", KEYS[*key].0, KEYS[*key].1[*value])).collect()
}

fn says() -> impl Strategy<Value = Says> {
    // Most of what people write is good.
    prop::collection::btree_map(0..KEYS.len(), select(vec![0, 0, 0, 1, 1, 1, BAD]), 0..6)
}

/// The main file and what lies over it, in a directory.
fn written(dir: &Path, main: &Says, over: &[Says]) -> Result<Settings, ConfigError> {
    let beside = dir.join("namewarden.d");
    fs::create_dir_all(&beside).expect("made");
    fs::write(dir.join("namewarden.toml"), text(main)).expect("written");
    for (at, says) in over.iter().enumerate() {
        fs::write(beside.join(format!("{at}-more.toml")), text(says)).expect("written");
    }
    load(&dir.join("namewarden.toml"), &Environment::default())
}

/// The last file that says each key, where that is wrong: its name, and the line.
fn blamed(main: &Says, over: &[Says]) -> BTreeSet<(String, usize)> {
    let files: Vec<(String, &Says)> = std::iter::once(("namewarden.toml".to_owned(), main))
        .chain(over.iter().enumerate().map(|(at, says)| (format!("{at}-more.toml"), says)))
        .collect();
    let last = |key: usize| files.iter().rev().find(|(_, says)| says.contains_key(&key));
    let wrong = |key: usize| {
        let (file, says) = last(key).filter(|(_, says)| says[&key] == BAD)?;
        Some((file.clone(), says.keys().take_while(|before| **before < key).count() + 1))
    };
    (0..KEYS.len()).filter_map(wrong).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn what_was_said_last_counts_and_is_told_where_it_stands(more in says(), over in prop::collection::vec(says(), 0..4)) {
        // What has no default stands in the main file.
        let main: Says = [0, 2, 5, 7, 8].map(|key| (key, 0)).into_iter().chain(more).collect();
        let dir = tempfile::tempdir().expect("a directory");
        let laid = written(dir.path(), &main, &over);
        let blamed = blamed(&main, &over);
        match laid {
            Ok(laid) => {
                prop_assert!(blamed.is_empty(), "{blamed:?}");
                let whole = over.iter().fold(main, |whole, says| whole.into_iter().chain(says.clone()).collect());
                let alone = tempfile::tempdir().expect("a directory");
                let alone = written(alone.path(), &whole, &[]).unwrap_or_else(|error| panic!("{error}"));
                let (file, drop_ins) = (laid.file.clone(), laid.drop_ins.clone());
                prop_assert_eq!(drop_ins.len(), over.len());
                let (inventory, backups) = (laid.inventory.clone(), laid.backups.clone());
                prop_assert_eq!(laid, Settings { file, drop_ins, inventory, backups, ..alone });
            }
            Err(ConfigError::Invalid { problems }) => {
                let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                let told: BTreeSet<_> = problems.iter().map(|it| (name(&it.place.file), it.place.line)).collect();
                prop_assert_eq!(told, blamed);
                prop_assert!(problems.iter().all(|it| KEYS.iter().any(|(key, _)| *key == it.key)), "{problems:?}");
            }
            Err(other) => prop_assert!(false, "{other}"),
        }
    }
}

/// A channel may be called as a secret is.
#[test]
fn a_channel_takes_back_none_that_is_called_as_its_twin() {
    let dir = tempfile::tempdir().expect("a directory");
    let beside = dir.path().join("namewarden.d");
    fs::create_dir_all(&beside).expect("made");
    let main: Says = [0, 2, 5, 7, 8].map(|key| (key, 0)).into();
    let channel = |name: &str| format!("alert.slack.{name}.url_credential = \"hook\"\n");
    fs::write(dir.path().join("namewarden.toml"), text(&main) + &channel("hook_file")).expect("written");
    fs::write(beside.join("10-more.toml"), channel("hook_credential")).expect("written");
    let settings = crate::config::load_sealed(&dir.path().join("namewarden.toml"), &Environment::default());
    let channels = settings.unwrap_or_else(|error| panic!("{error}")).alert.channels;
    let names: Vec<String> = channels.keys().map(ToString::to_string).collect();
    assert_eq!(names, ["email", "slack:hook_credential", "slack:hook_file"]);
}
