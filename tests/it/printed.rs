//! What programs read: `docs/json.md` shows an example of everything that is printed as JSON, and each is what the binary
//! prints in the world stated here. Written anew by `DOCS=write cargo test --test it printed`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use serde_json::{Deserializer, Value};

use crate::world::{Setup, World};

/// An example of the page: what is typed, and what is shown of what comes.
struct Example {
    words: Vec<String>,
    shown: Vec<Value>,
    /// More is printed than is shown.
    begins: bool,
}

/// Below what is shown of something long.
const AND_SO_ON: &str = "    …";

fn page() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/json.md")
}

fn command(line: &str) -> Option<Vec<String>> {
    let words = line.strip_prefix("    namewarden ")?;
    Some(words.split(' ').map(str::to_owned).collect())
}

fn values(text: &str) -> Vec<Value> {
    let all = Deserializer::from_str(text).into_iter().collect::<Result<_, _>>();
    all.unwrap_or_else(|error| panic!("{error} in\n{text}"))
}

/// The parts of a page: prose, and examples, which are indented and begin with a command.
fn parts(text: &str) -> Vec<String> {
    let (mut parts, mut open) = (vec![String::new()], false);
    for line in text.lines() {
        let begins = command(line).is_some();
        let ends = open && !line.is_empty() && !line.starts_with("    ");
        if begins || ends {
            parts.push(String::new());
            open = begins;
        }
        let part = parts.last_mut().expect("never empty");
        *part += line;
        part.push('\n');
    }
    parts
}

fn example(part: &str) -> Option<Example> {
    let (first, rest) = part.split_once('\n')?;
    let begins = rest.contains(AND_SO_ON);
    Some(Example { words: command(first)?, shown: values(rest.trim_end().trim_end_matches('…')), begins })
}

impl Example {
    /// As the page shows it.
    fn written(&self, printed: &[Value]) -> String {
        let pretty = |value| serde_json::to_string_pretty(value).expect("plain");
        let all: Vec<String> = printed.iter().map(pretty).collect();
        let lines: String = all.iter().flat_map(|json| json.lines()).map(|line| format!("    {line}\n")).collect();
        let rest = if self.begins { format!("{AND_SO_ON}\n") } else { String::new() };
        format!("    namewarden {}\n\n{lines}{rest}\n", self.words.join(" "))
    }
}

/// The same in every run: times, what was counted in them, and where the parts of this world happened to listen.
fn settled(value: Value, world: &World) -> Value {
    match value {
        Value::String(text) => Value::String(settled_text(&text, world)),
        Value::Array(all) => all.into_iter().map(|value| settled(value, world)).collect(),
        Value::Object(all) => Value::Object(all.into_iter().map(|entry| field(entry, world)).collect()),
        other => other,
    }
}

fn field((key, value): (String, Value), world: &World) -> (String, Value) {
    let value = match key.as_str() {
        "took_ms" if value.is_number() => Value::from(212),
        "median_seconds" | "slowest_seconds" if value.is_number() => Value::from(42),
        "Second" if value.is_number() => Value::from(SECOND),
        // Whether something starts the last resort is a matter of the machine.
        "remark" => Value::Null,
        _ => settled(value, world),
    };
    (key, value)
}

const MOMENT: &str = "2026-11-23T12:00:00Z";
const SECOND: u64 = 1_795_435_200;

fn settled_text(text: &str, world: &World) -> String {
    if text.parse::<DateTime<Utc>>().is_ok() {
        return MOMENT.to_owned();
    }
    if text.starts_with("nwt_") {
        return "nwt_jY4oC0m9vWJkqk3m0b1sWn0w3kP6dJx2fQ8hZ7aR5tU".to_owned();
    }
    if text.parse::<NaiveDate>().is_ok() {
        return MOMENT[..10].to_owned();
    }
    let text = text.replace(&world.sim.base_url().to_string(), "https://index.example");
    let text = text.replace(&world.mail.address().to_string(), "mail.example:25");
    let text = text.replace(world.dir().to_str().expect("text"), "/etc/namewarden");
    let words: Vec<&str> = text.split(' ').collect();
    let followed = |at: usize| [words.get(at + 1).copied(), words.get(at + 2).copied()];
    words.iter().enumerate().map(|(at, word)| settled_word(word, followed(at))).collect::<Vec<_>>().join(" ")
}

fn settled_word(word: &str, followed: [Option<&str>; 2]) -> String {
    let ago = followed == [Some("s"), Some("ago")];
    match word.split_once('@') {
        Some((name, second)) if second.len() == 10 && second.parse::<u64>().is_ok() => format!("{name}@{SECOND}"),
        _ if ago => "14".to_owned(),
        _ if word.parse::<NaiveDate>().is_ok() => MOMENT[..10].to_owned(),
        _ if word.parse::<NaiveTime>().is_ok() => "12:00:00".to_owned(),
        _ => word.to_owned(),
    }
}

impl World {
    /// Runs a verb of the binary in the directory of the configuration, beside the daemon.
    pub(crate) async fn verb(&self, words: &[String]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_namewarden"));
        command.args(words).args(["--config", "namewarden.toml"]).current_dir(self.dir());
        command.env("USER", "ada").env_remove("SUDO_USER");
        tokio::task::spawn_blocking(move || command.output()).await.expect("runs").expect("starts")
    }

    async fn printed(&self, example: &Example) -> Vec<Value> {
        let output = self.verb(&example.words).await;
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(!said.is_empty(), "{:?}: {}", example.words, String::from_utf8_lossy(&output.stderr));
        let most = if example.begins { 1 } else { usize::MAX };
        values(&said).into_iter().take(most).map(|value| settled(value, self)).collect()
    }
}

/// A stranger has a name of ours in a version that wins, and somebody has one that is near; a reload is held.
async fn stated() -> World {
    // One feed alone, so that nothing depends on which is first.
    let setup =
        Setup { standing: vec!["corp-vaults".to_owned()], rss_every: "1h", index_every: "1h", ..Setup::default() };
    let mut world = setup.start().await;
    world.upload("acme-billing", "5.0", "mallory");
    world.expect_mail("registered", "acme-billing").await;
    world.upload("acme-ledgers", "0.1", "eve");
    world.expect_mail("registered", "acme-ledgers").await;
    let inventory = fs::read_to_string(world.dir().join("inventory.toml")).expect("written");
    world.write("old.toml", &inventory.replace("\"acme-ledger\", ", "\"acme-tax\", "));
    // It would lose a fifth of the watches.
    world.reload(&inventory.replace("\"corp-vault\", \"corp-mail\", ", "")).await;
    world.expect_unwell("inventory-held").await;
    world.write("doubtful.toml", "names = [\"acme-billing\", \"acme_billing\"]\n");
    world.write("names.txt", "acme-billing\nacme-biling\nunrelated\n");
    world
}

async fn is_settled(world: &World) -> bool {
    let known = world.findings_of("acme-ledgers").await.iter().all(|finding| !finding.facts.provisional);
    known && world.nothing_waits().await
}

#[expect(clippy::disallowed_methods, reason = "asked by whoever runs the test")]
fn is_to_be_written() -> bool {
    std::env::var_os("DOCS").is_some()
}

#[tokio::test]
async fn every_example_of_the_page_is_what_is_printed() {
    let mut world = stated().await;
    world.until("all is known and told", async |world| is_settled(world).await).await;
    let text = fs::read_to_string(page()).expect("readable");
    let (mut written, mut wrong) = (String::new(), String::new());
    for part in parts(&text) {
        let Some(example) = example(&part) else {
            written += &part;
            continue;
        };
        let printed = world.printed(&example).await;
        written += &example.written(&printed);
        if printed != example.shown {
            wrong += &example.written(&printed);
        }
    }
    if is_to_be_written() {
        fs::write(page(), written.trim_end().to_owned() + "\n").expect("writable");
    } else {
        assert!(wrong.is_empty(), "printed is now, and if that is meant, DOCS=write writes it:\n{wrong}");
    }
    world.finish().await;
}
