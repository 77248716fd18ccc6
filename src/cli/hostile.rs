//! Replies in which a text is hostile, for the tests of what verbs print: whatever it holds, a terminal shows it, and nothing more.

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::messages::hostile::hidden;

/// Clears the screen, turns the reading direction, hides, rings, and begins a line of its own.
const EVIL: &str = "evil\u{1b}[2J\u{202e}\u{200b}\u{7}\u{9b}31m\r\nNAMEWARDEN OK - well\u{2028}";
const PLAIN: &str = "evil";

/// The objects that `docs/json.md` shows below a command.
pub(super) fn printed(command: &str) -> Vec<Value> {
    let page = include_str!("../../docs/json.md");
    let (_, below) = page.split_once(&format!("    {command}\n\n")).expect("on the page");
    let json: String = below.lines().take_while(|line| line.is_empty() || line.starts_with("    ")).collect();
    serde_json::Deserializer::from_str(&json).into_iter().map_while(Result::ok).collect()
}

/// Where a text stands, or nothing does, by pointers (RFC 6901).
fn places(of: &Value, at: &str, out: &mut Vec<String>) {
    match of {
        Value::Object(map) => map.iter().for_each(|(key, value)| places(value, &format!("{at}/{key}"), out)),
        Value::Array(list) => list.iter().enumerate().for_each(|(n, value)| places(value, &format!("{at}/{n}"), out)),
        Value::String(_) | Value::Null => out.push(at.to_owned()),
        Value::Bool(_) | Value::Number(_) => {}
    }
}

fn with<T: DeserializeOwned>(of: &Value, place: &str, text: &str) -> Option<T> {
    let mut of = of.clone();
    *of.pointer_mut(place)? = Value::String(text.to_owned());
    serde_json::from_value(of).ok()
}

/// What the verb prints of the replies on the page, each with one text made hostile, wherever its type takes any text. `ours`: the keys
/// of texts that are made here, of letters that are harmless.
pub(super) fn is_printed_harmlessly<T: DeserializeOwned>(command: &str, ours: &[&str], print: impl Fn(&T) -> String) {
    let (mut tried, mut bad) = (0, Vec::new());
    for reply in printed(command) {
        let mut all = Vec::new();
        places(&reply, "", &mut all);
        let made_here = |place: &String| {
            ours.contains(&place.rsplit('/').find(|part| part.parse::<usize>().is_err()).unwrap_or_default())
        };
        for place in all.iter().filter(|place| !made_here(place)) {
            let Some((plain, evil)) = with(&reply, place, PLAIN).zip(with(&reply, place, EVIL)) else { continue };
            let (plain, evil) = (print(&plain), print(&evil));
            let is_seen = |c: char| c == '\n' || !(c.is_control() || hidden(c));
            if !evil.chars().all(is_seen) || evil.lines().count() != plain.lines().count() {
                bad.push(place.clone());
            }
            tried += usize::from(evil != plain);
        }
    }
    assert!(bad.is_empty(), "{command}: {bad:?}");
    assert!(tried > 0, "nothing of {command} is shown");
}
