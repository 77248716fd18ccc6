//! `findings show`: one case on a screen.

use std::fmt::Write;

use super::super::client::Client;
use super::super::failure::Failure;
use super::super::format::Format;
use super::super::output::show;
use super::super::tone::{Paint, paint};
use super::case::{parse_case, short, state};
use crate::api::v1::{CaseFile, Command as Ask, Event, Finding, FindingState, Releases, Standing, Telling, Threat};
use crate::messages::hostile::line as harmless;
use crate::model::{Tier, count};

#[derive(Debug, clap::Args)]
pub struct ShowArgs {
    /// Short names (nw-417), keys, or names of projects: then the case that is live, else the newest.
    #[arg(value_name = "CASE", required = true, value_parser = parse_case)]
    pub cases: Vec<String>,
    /// How to print it.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// Each on its own: what is unknown among them is said at the end, and costs the others nothing.
pub(super) async fn run(client: &Client, args: ShowArgs) -> Result<(), Failure> {
    let (mut unknown, mut shown) = (None::<Failure>, 0);
    for case in args.cases {
        match client.ask::<CaseFile>(Ask::Finding { case }).await {
            Ok(file) => {
                let between = if shown == 0 { "" } else { "\n" };
                show(args.format, &file, |file| format!("{between}{}", for_people(file)));
                shown += 1;
            }
            Err(failure) if failure.is_unknown() => unknown = Some(failure.after(unknown)),
            Err(failure) => return Err(failure),
        }
    }
    unknown.map_or(Ok(()), Err)
}

fn for_people(file: &CaseFile) -> String {
    let parts = [head(file), threats(&file.finding), known(file), told(file), history(file)];
    parts.map(|part| part.trim_end().to_owned()).join("\n\n")
}

/// Which case, how urgent, and the verdict.
fn head(file: &CaseFile) -> String {
    let finding = &file.finding;
    format!(
        "{} {}\n{} {}, seen {}{}\n{}",
        paint(Paint::Strong, &short(finding)),
        finding.key,
        Tier::from(finding.tier),
        state(finding),
        finding.seen_at.format("%F %T UTC"),
        snoozed(finding),
        row("pip takes it?", &file.verdict)
    )
}

fn snoozed(finding: &Finding) -> String {
    let until = finding.snoozed_until.filter(|_| finding.state == FindingState::Open);
    until.map(|until| format!(", snoozed until {}", until.format("%F %H:%M UTC"))).unwrap_or_default()
}

/// Whose names it threatens, and why.
fn threats(finding: &Finding) -> String {
    let mut out = String::new();
    for threat in &finding.threats {
        // A String takes any text.
        let (label, owner, tier) = (&threat.watch.label, harmless(&threat.owner), Tier::from(threat.tier));
        let _ = writeln!(out, "{label} (owner {owner}): {tier}{}{}", raised(threat), standing(threat));
        for found in &threat.matches {
            let _ = writeln!(out, "  {:<14} score {:>3}  {}", found.rule, found.score, harmless(&found.explanation));
        }
    }
    for more in &finding.more {
        let _ = writeln!(out, "and {} more of {}, no stronger than these", more.watches, harmless(&more.owner));
    }
    for context in &finding.context {
        let _ = writeln!(
            out,
            "{:<14} +{}  {}",
            "context",
            count(context.bits, "bit", "bits"),
            harmless(&context.explanation)
        );
    }
    out
}

/// What facts and context made of the tier that its name alone gives, and how much evidence it was short of an alert.
fn raised(threat: &Threat) -> String {
    let lacks = threat.matches.iter().map(|found| found.lacks).min().unwrap_or_default();
    match (Tier::from(threat.tier_by_name), Tier::from(threat.tier)) {
        (given, tier) if given < tier && lacks > 0 => {
            format!(", raised from {given}, which lacks {}", count(lacks, "bit", "bits"))
        }
        (given, tier) if given < tier => format!(", raised from {given}"),
        (given, tier) if given > tier => format!(", lowered from {given}: older than your use of it"),
        _ => String::new(),
    }
}

fn standing(threat: &Threat) -> String {
    match threat.standing {
        Standing::Live => String::new(),
        Standing::PreExisting => ", stood before the watch".to_owned(),
        Standing::Suppressed => format!(", suppressed: {}", harmless(threat.reason.as_deref().unwrap_or_default())),
        Standing::Unwatched => ", no longer watched".to_owned(),
    }
}

/// What is known of the project.
fn known(file: &CaseFile) -> String {
    let (finding, facts) = (&file.finding, &file.finding.facts);
    let is_over = crate::model::FindingState::from(finding.state).is_over();
    let rows = [
        ("page", Some(file.url.clone())),
        ("registered", finding.registered_at.map(|at| at.format("%F %T UTC").to_string())),
        ("held by", (!facts.users.is_empty()).then(|| held_by(&facts.users))),
        ("organization", facts.organization.clone()),
        ("versions", versions(&facts.releases)),
        ("summary", facts.summary.clone()),
        ("the gate", file.of_gate()),
        ("not known", facts.trouble.clone()),
        (if is_over { "noted before" } else { "note" }, finding.note.clone()),
    ];
    let rows = rows.into_iter().filter_map(|(label, value)| Some(row(label, &value?)));
    rows.collect::<Vec<_>>().join("\n")
}

/// The highest of those that stand; the JSON has all that are kept.
fn versions(releases: &Releases) -> Option<String> {
    const SHOWN: usize = 20;
    let standing: Vec<&str> =
        releases.list.iter().filter(|release| !release.withdrawn).map(|release| release.version.as_str()).collect();
    let shown = standing[..standing.len().min(SHOWN)].join(", ");
    match standing.len().saturating_sub(SHOWN) + releases.left_out {
        _ if standing.is_empty() => None,
        0 => Some(shown),
        more => Some(format!("{shown} and {more} more")),
    }
}

fn row(label: &str, value: &str) -> String {
    format!("{label:<14} {}", harmless(value))
}

/// A few of them; the JSON has all that are kept.
fn held_by(users: &[String]) -> String {
    const SHOWN: usize = 20;
    let rest = users.len().saturating_sub(SHOWN);
    let shown = users.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
    if rest == 0 { shown } else { format!("{shown} and {rest} more") }
}

fn told(file: &CaseFile) -> String {
    let lines: Vec<String> = file.told.iter().map(fate_line).collect();
    let is_known = file.finding.state == FindingState::PreExisting;
    if lines.is_empty() && is_known {
        return "told\nnobody apart: it stood there before, and the start-up mail of its owner names it".to_owned();
    }
    if lines.is_empty() { "told\nnobody yet".to_owned() } else { format!("told\n{}", lines.join("\n")) }
}

/// `2026-11-23 03:10:10  security by email: delivered (registered)`
fn fate_line(fate: &Telling) -> String {
    let at = fate.at.map_or_else(|| "next digest".to_owned(), |at| at.format("%F %T").to_string());
    let became = match fate.outcome.as_deref() {
        None => "waits, due then",
        Some("told") if fate.error.is_some() => "delivered, but not to everybody",
        Some("told") => "delivered",
        Some("refused") => "refused for good",
        Some("moot") => "not sent, as it was settled before",
        Some("handed-over") => "handed over to another channel, as this one is gone",
        Some(other) => other,
    };
    let error = fate.error.as_deref().map(|error| format!("; {error}")).unwrap_or_default();
    let what = format!("{} by {}: {became} ({}){error}", fate.owner, fate.channel, fate.kind);
    format!("{at:<19}  {}", harmless(&what))
}

fn history(file: &CaseFile) -> String {
    let mut lines = vec!["history".to_owned()];
    lines.extend((file.earlier > 0).then(|| format!("{} earlier lines are not shown", file.earlier)));
    lines.extend(file.timeline.iter().map(line));
    lines.join("\n")
}

fn line(line: &Event) -> String {
    let who = line.who.as_deref().map(|who| format!(" by {}", harmless(who))).unwrap_or_default();
    format!("{}  {}{who}: {}", line.at.format("%F %T"), line.kind, harmless(&line.detail))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_of_others_does_more_than_to_be_read() {
        let ours = ["id", "key", "project", "label", "rule", "kind"];
        crate::cli::hostile::is_printed_harmlessly("namewarden findings show nw-2 --format json", &ours, for_people);
    }

    /// The case of the page, with what is said here in place of what it says.
    fn with(changes: serde_json::Value) -> String {
        let mut file: serde_json::Value =
            crate::cli::hostile::printed("namewarden findings show nw-2 --format json").remove(0);
        for (place, value) in changes.as_object().into_iter().flatten() {
            *file.pointer_mut(place).expect("on the page") = value.clone();
        }
        for_people(&serde_json::from_value(file).expect("a case"))
    }

    #[test]
    fn whoever_reads_a_case_hears_what_became_of_each_message() {
        for (outcome, at, error, shown) in [
            (None, None, None, "next digest          security by email: waits, due then (registered)"),
            (
                Some("told"),
                Some("2026-11-23T03:10:10Z"),
                None,
                "2026-11-23 03:10:10  security by email: delivered (registered)",
            ),
            (
                Some("told"),
                None,
                Some("550 no"),
                "security by email: delivered, but not to everybody (registered); 550 no",
            ),
            (
                Some("refused"),
                None,
                Some("550 \u{1b}[2J"),
                "security by email: refused for good (registered); 550 \\u{1b}[2J",
            ),
            (Some("moot"), None, None, "not sent, as it was settled before"),
            (Some("handed-over"), None, None, "handed over to another channel, as this one is gone"),
            (Some("eaten"), None, None, "security by email: eaten (registered)"),
        ] {
            let telling = serde_json::json!({
                "number": 1, "kind": "registered", "owner": "security", "channel": "email", "outcome": outcome, "at": at, "error": error,
            });
            let said = with(serde_json::json!({"/told": [telling]}));
            assert!(said.contains(shown), "{outcome:?}: {said}");
        }
        assert!(with(serde_json::json!({"/told": []})).contains("told\nnobody yet"));
        let stood = serde_json::json!({"/told": [], "/finding/state": "pre-existing"});
        assert!(with(stood).contains("the start-up mail of its owner names it"));
    }

    #[test]
    fn a_threat_says_what_moved_it_and_how_it_stands() {
        let of = |by_name: &str, tier: &str, standing: &str| {
            with(serde_json::json!({
                "/finding/threats/0/tier_by_name": by_name, "/finding/threats/0/tier": tier, "/finding/threats/0/standing": standing,
                "/finding/threats/0/reason": "a fork of ours",
            }))
        };
        assert!(of("page", "page", "live").contains("): page\n"));
        assert!(of("digest", "alert", "live").contains("): alert, raised from digest"));
        assert!(of("page", "digest", "live").contains("): digest, lowered from page: older than your use of it"));
        assert!(of("page", "page", "pre-existing").contains("): page, stood before the watch"));
        assert!(of("page", "page", "suppressed").contains("): page, suppressed: a fork of ours"));
        assert!(of("page", "page", "unwatched").contains("): page, no longer watched"));
    }
}
