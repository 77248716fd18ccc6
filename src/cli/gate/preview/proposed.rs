//! What becomes of releases by the policy of another configuration, beside the one in force: where the two differ, and how many of each kind.

use std::path::Path;
use std::time::Duration;

use super::super::super::call::Call;
use super::super::super::failure::Failure;
use super::super::super::format::Format;
use super::super::super::output::{say, say_json};
use super::super::super::tone::hint;
use super::super::ask::ask_within;
use super::print::{MOST, is_ill, release};
use super::subject::{PreviewAnswer, PreviewSubject, foreseen, seconds};
use crate::config::GateSettings;
use crate::gate::{Foreseen, ForeseenRelease, GateQuestion, PreviewRules, ProposalRead, ProposedAges, ProposedPolicy};
use crate::messages::hostile::line as harmless;

/// An archive of all records is read anew.
const PATIENCE: Duration = Duration::from_secs(60);

/// `in_force`: as the configuration has it that leads to the gate; `file`: where the other is. Would all of it be given out?
pub(super) async fn run(
    call: &Call,
    (in_force, proposed, file): (&GateSettings, &GateSettings, &Path),
    PreviewSubject { releases, what }: PreviewSubject,
    format: Format,
) -> Result<bool, Failure> {
    let question = GateQuestion::Propose { policy: Box::new(policy(proposed)) };
    let ProposalRead { key, unread } = ask_within(call, &question, PATIENCE).await?;
    for why in unread {
        hint(&format!("namewarden: {}: it speaks for nothing and denies nothing here", harmless(&why)));
    }
    let unjudged = unjudged(in_force, proposed);
    if !unjudged.is_empty() {
        hint(&format!("namewarden: not judged, and as it is in force: {}", unjudged.join(", ")));
    }
    let rules = [PreviewRules::Proposal(key), PreviewRules::InForce];
    let rows: Vec<ForeseenRelease> = foreseen(call, releases, &rules).await?.into_iter().filter_map(row).collect();
    match format {
        Format::Json => rows.iter().for_each(say_json),
        Format::Human => say(&words(&rows, &what, file)),
    }
    Ok(rows.iter().all(|row| !is_ill(row.foreseen.kind())))
}

/// What of it decides of a release.
fn policy(of: &GateSettings) -> ProposedPolicy {
    let ages = ProposedAges { file: seconds(of.file_age), project: seconds(of.project_age), freeze: of.freeze };
    ProposedPolicy { ages, modes: of.modes, consensus: of.consensus.clone(), malware: of.malware.clone() }
}

/// Keys that decide as well, and are another: which names are ours, where they are, and who agrees. Nobody asks an index about a name
/// for a preview that it is not asked about now.
fn unjudged(in_force: &GateSettings, proposed: &GateSettings) -> Vec<&'static str> {
    let keys = [
        ("public", in_force.public == proposed.public),
        ("private", in_force.private == proposed.private),
        ("approvals", in_force.approvals == proposed.approvals),
    ];
    keys.into_iter().filter(|(_, is_same)| !is_same).map(|(key, _)| key).collect()
}

fn row((release, foreseen, others): PreviewAnswer) -> Option<ForeseenRelease> {
    let in_force = others.into_iter().next()?;
    Some(ForeseenRelease { release, foreseen, in_force: Some(in_force) })
}

fn words(rows: &[ForeseenRelease], what: &str, file: &Path) -> String {
    let mut text = format!("{what}, by the policy in force and by {}:\n", file.display());
    text += &format!("{:<9} {:>8} {:>8}\n", "", "in force", "proposed");
    for kind in Foreseen::KINDS {
        let in_force = rows.iter().filter(|row| row.in_force.as_ref().is_some_and(|now| now.kind() == kind)).count();
        let proposed = rows.iter().filter(|row| row.foreseen.kind() == kind).count();
        if in_force + proposed > 0 {
            text += &format!("{kind:<9} {in_force:>8} {proposed:>8}\n");
        }
    }
    let differing: Vec<String> = rows.iter().filter_map(line).collect();
    let shown: String = differing.iter().take(MOST).map(String::as_str).collect();
    let more = differing.len().saturating_sub(MOST);
    match (differing.is_empty(), more) {
        (true, _) => text + "no release would fare otherwise\n",
        (_, 0) => text + &shown,
        _ => text + &shown + &format!("  and {more} more\n"),
    }
}

/// `None`: it fares as it does now.
fn line(row: &ForeseenRelease) -> Option<String> {
    let now = row.in_force.as_ref().filter(|now| **now != row.foreseen)?;
    Some(format!("  {}: now {}, then {}\n", release(&row.release), told(now), told(&row.foreseen)))
}

fn told(foreseen: &Foreseen) -> String {
    let why = foreseen.why().map(|why| format!(" ({})", harmless(why))).unwrap_or_default();
    format!("{}{why}", foreseen.kind())
}
