//! An inventory of forty internal names of ten owners, unlike each other and unlike anything on PyPI.

use std::fmt::Write as _;

const TEAMS: [&str; 10] = [
    "umbriel",
    "quixote",
    "zephyrus",
    "halcyon",
    "obsidian",
    "marzipan",
    "yggdrasil",
    "kestrel",
    "vermilion",
    "juniper",
];
const WORKS: [&str; 4] = ["ledgerkeeping", "brokerage", "telemetrics", "warehouse"];

/// The names, a team's four in a row.
pub(crate) fn names() -> impl Iterator<Item = String> {
    TEAMS.iter().flat_map(|team| WORKS.iter().map(move |work| format!("{team}-{work}")))
}

/// Ten owners, so that none gets so many messages within the hour that they are folded into a summary.
pub(crate) fn text() -> String {
    let mut text = String::from("[owners.security]\nemail = [\"security@example.org\"]\nwebhook = [\"soc\"]\n");
    for team in TEAMS {
        let names: String = WORKS.iter().map(|work| format!("\"{team}-{work}==4.0.0\", ")).collect();
        writeln!(text, "[owners.{team}]\nemail = [\"{team}@example.org\"]\nwebhook = [\"soc\"]\nnames = [{names}]")
            .expect("a string");
    }
    text
}

/// Where mails about one of the names belong.
pub(crate) fn address(name: &str) -> String {
    format!("{}@example.org", name.split('-').next().unwrap_or_default())
}
