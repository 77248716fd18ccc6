//! A broken file, read for what stands in it: whatever lines are wrong, everything else is as it would be without them.

use std::fs;
use std::path::Path;

use proptest::prelude::*;
use proptest::sample::select;

use crate::config::difference::tests::TEXT;
use crate::config::{ConfigError, Environment, Settings, load_sealed, load_what_stands_sealed};

/// What a line with a key becomes.
#[derive(Clone, Copy, Debug)]
enum Harm {
    /// A value of no kind that any key has.
    Kind,
    /// No TOML: an address that was not quoted.
    Bare,
    /// No TOML: nothing behind the key.
    Empty,
    /// A key that nobody knows, with the same value.
    Unknown,
}

impl Harm {
    fn done_to(self, line: &str) -> String {
        let (key, value) = line.split_once('=').unwrap_or((line, ""));
        match self {
            Self::Kind => format!("{key}= 1979-05-27"),
            Self::Bare => format!("{key}= 10.0.0.7:25"),
            Self::Empty => format!("{key}="),
            Self::Unknown => format!("zz_{key}={value}"),
        }
    }
}

/// The lines that hold a key.
fn keys() -> Vec<usize> {
    TEXT.lines().enumerate().filter(|(_, line)| line.contains(" = ")).map(|(at, _)| at).collect()
}

fn changed(lines: &[(usize, Harm)], to: impl Fn(Harm, &str) -> String) -> String {
    let harm = |at: usize| lines.iter().find(|(line, _)| *line == at).map(|(_, harm)| *harm);
    let line = |(at, line): (usize, &str)| harm(at).map_or_else(|| line.to_owned(), |harm| to(harm, line)) + "\n";
    TEXT.lines().enumerate().map(line).collect()
}

fn written(dir: &Path, text: &str, read: fn(&Path, &Environment) -> Result<Settings, ConfigError>) -> Option<Settings> {
    let file = dir.join("namewarden.toml");
    fs::write(&file, text).expect("written");
    fs::write(dir.join("chain.pem"), include_str!("../../../tests/fixtures/tls/self-signed.pem")).expect("written");
    read(&file, &Environment::default()).ok()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn what_is_wrong_takes_nothing_else_along(
        harmed in prop::collection::btree_map(select(keys()), select(vec![Harm::Kind, Harm::Bare, Harm::Empty, Harm::Unknown]), 1..4),
    ) {
        let harmed: Vec<(usize, Harm)> = harmed.into_iter().collect();
        let broken = changed(&harmed, |harm, line| harm.done_to(line));
        let dir = tempfile::tempdir().expect("a directory");
        prop_assert!(written(dir.path(), &broken, load_sealed).is_none(), "a start would take it");
        let stands = written(dir.path(), &broken, load_what_stands_sealed);
        let without = changed(&harmed, |_, _| String::new());
        match written(dir.path(), &without, load_sealed) {
            Some(without) => prop_assert_eq!(stands, Some(without)),
            // Something else needed it, and goes as well; the socket is found all the same, or nothing is said.
            None => if let Some(stands) = stands {
                let asked = harmed.iter().any(|(at, _)| TEXT.lines().nth(*at).is_some_and(|line| line.starts_with("socket")));
                prop_assert!(asked || stands.control.socket == dir.path().join("control.sock"), "{:?}", stands.control);
            },
        }
    }

    /// Whatever was typed into it, a verb that asks for the daemon ends.
    #[test]
    fn no_slip_of_the_keyboard_is_too_much(at in any::<prop::sample::Index>(), typed in "[\\[\\]{}\"'=#\n.,a-z0-9\u{e4} ]{1,6}", gone in 0_usize..40) {
        let at = TEXT.floor_char_boundary(at.index(TEXT.len()));
        let rest = TEXT.floor_char_boundary((at + gone).min(TEXT.len()));
        let broken = format!("{}{typed}{}", &TEXT[..at], &TEXT[rest..]);
        let dir = tempfile::tempdir().expect("a directory");
        let (stands, whole) = (written(dir.path(), &broken, load_what_stands_sealed), written(dir.path(), &broken, load_sealed));
        prop_assert!(whole.is_none() || stands == whole, "what is good is taken as it is");
    }
}
