//! What is known of a project, a line each. Their words are in quotation marks, and no address of theirs is a link.

use super::parts::Fact;
use crate::api::v1::{Facts, Finding, Known, Release};
use crate::messages::hostile::{inert, shown};
use crate::messages::phrase::{clock, listed};

/// Releases in a line.
const RELEASES: usize = 8;
const USERS: usize = 8;

pub(super) fn of(finding: &Finding) -> Vec<Fact> {
    let facts = &finding.facts;
    let same = finding.display.eq_ignore_ascii_case(&finding.project);
    let registered = finding.registered_at.map_or("not known to the second".to_owned(), clock);
    let spelled = (!same).then(|| format!("`{}`", shown(&finding.project, 220)));
    let lines = [
        ("Normalized", spelled),
        ("Registered", Some(registered)),
        ("First seen", Some(clock(finding.seen_at))),
        ("Published by", Some(holder(facts))),
        ("Versions", Some(versions(facts))),
        ("First upload", facts.first_upload.map(clock)),
        ("Summary", quoted(facts.summary.as_deref(), 300)),
        ("Author", quoted(facts.author.as_deref(), 120)),
        ("Home page", quoted(facts.home_page.as_deref(), 200)),
        ("Looked up", facts.taken_at.map(clock)),
        ("Not looked up", facts.trouble.as_deref().map(|trouble| inert(trouble, 300))),
        (
            "May be old",
            facts
                .provisional
                .then(|| "PyPI's page may have been read before its last change; it is read again".to_owned()),
        ),
    ];
    lines.into_iter().filter_map(|(label, value)| Some(Fact::new(label, &value?))).collect()
}

fn quoted(text: Option<&str>, cap: usize) -> Option<String> {
    let text = inert(text?, cap).replace('"', "'");
    (!text.is_empty()).then(|| format!("\"{text}\""))
}

fn holder(facts: &Facts) -> String {
    let users: Vec<String> = facts.users.iter().map(|user| format!("`{}`", inert(user, 60))).collect();
    let organization = facts.organization.as_deref().map(|name| format!("organization `{}`", inert(name, 60)));
    let all: Vec<String> = organization.into_iter().chain(users).collect();
    let whose = match facts.ours {
        Some(true) => " (listed as ours)",
        Some(false) => " (not one of ours)",
        None => "",
    };
    if all.is_empty() { "not known".to_owned() } else { format!("{}{whose}", listed(&all, USERS)) }
}

fn versions(facts: &Facts) -> String {
    let all: Vec<String> = facts.releases.list.iter().map(release).collect();
    let more = all.len().saturating_sub(RELEASES) + facts.releases.left_out + facts.releases.unread;
    let shown = all.iter().take(RELEASES).cloned().collect::<Vec<_>>().join(", ");
    match (all.is_empty(), more) {
        (true, 0) if facts.released => "at least one, not known which".to_owned(),
        (true, 0) => "none seen".to_owned(),
        (_, 0) => shown,
        (_, more) => format!("{shown} and {more} more"),
    }
}

fn release(of: &Release) -> String {
    let version = format!("`{}`", inert(&of.version, 40));
    match (of.withdrawn, of.known) {
        (true, _) => format!("{version} (withdrawn)"),
        (false, Known::Told) => format!("{version} (not looked at)"),
        (false, _) => version,
    }
}
