//! What is known around a review, a line each. Words of strangers are made harmless.

use crate::api::insides::{self, FileWords};
use crate::api::v1::ReviewDossier;
use crate::gate::{Against, Dossier, MalwareWord, PastDecision, ProjectAtIndex, ReservedNamespace, ReviewAsker, Vote};
use crate::messages::hostile::line as harmless;
use crate::messages::marks::bare;
use crate::model::Time;

/// Of each kind.
const MOST: usize = 8;

pub(super) fn around(of: &ReviewDossier) -> String {
    let dossier = &of.dossier;
    let mut lines: Vec<String> = dossier.askers.iter().map(asker).collect();
    lines.push(resembles(of));
    lines.extend(insides::near(dossier).map(|said| format!("a letter apart: {}", bare(&harmless(&said)))));
    lines.push(format!("open finding: {}", dossier.finding.as_deref().map_or_else(|| "none".to_owned(), finding)));
    lines.extend(dossier.listed.iter().map(listed));
    lines.extend(dossier.listed.iter().flat_map(reserved));
    lines.extend(against(dossier));
    lines.extend(insides::publishers(dossier).map(|said| format!("attested publisher: {}", harmless(&said))));
    lines.extend(insides::insides(dossier).iter().flat_map(inside));
    lines.extend(insides::left_out(dossier));
    lines.extend(insides::counted(dossier).map(|said| format!("elsewhere: {}", harmless(&said))));
    lines.push(malware(&dossier.malware));
    lines.extend(votes(dossier));
    lines.extend(dossier.before.iter().take(MOST).map(before));
    lines.into_iter().map(|line| line + "\n").collect()
}

fn minute(at: Time) -> String {
    at.format("%F %H:%M").to_string()
}

fn asker(of: &ReviewAsker) -> String {
    let tool = of.tool.as_deref().map_or_else(|| "not known".to_owned(), harmless);
    let when = match (of.first, of.last) {
        (Some(first), Some(last)) => format!("first {}, last {}, {} times", minute(first), minute(last), of.times),
        _ => "nobody wrote down when".to_owned(),
    };
    let ci = if of.is_ci { ", in a build by what it says" } else { "" };
    format!("asked by {} with {tool}{ci}: {when}", harmless(&of.who.to_string()))
}

fn resembles(of: &ReviewDossier) -> String {
    let first = of.resembles.iter().take(MOST);
    let first: Vec<String> =
        first.map(|one| format!("{} ({}, {})", harmless(&one.watch), harmless(&one.rule), one.score)).collect();
    let more = of.resembles.len().saturating_sub(MOST) + of.more_resembles;
    match (first.is_empty(), more) {
        (true, _) => "resembles nothing that is watched".to_owned(),
        (false, 0) => format!("resembles {}", first.join(", ")),
        (false, more) => format!("resembles {} and {more} more", first.join(", ")),
    }
}

/// The gate asks PyPI for pages of the simple index alone, which name nobody.
fn finding(id: &str) -> String {
    let id = harmless(id);
    format!("{id}; `namewarden findings show {id}` says who holds the project")
}

fn listed(of: &ProjectAtIndex) -> String {
    let since = of.since.map_or_else(|| "a time that nobody says".to_owned(), minute);
    let quarantined = if of.is_quarantined { ", in quarantine" } else { "" };
    format!("at the index since {since}: {} versions, {} files{quarantined}", of.versions, of.files)
}

fn reserved(of: &ProjectAtIndex) -> Vec<String> {
    let one = |of: &ReservedNamespace| {
        let holds = if of.owned { "holds" } else { "does not hold" };
        format!(
            "under the reserved prefix {}: whoever has that {holds} the project, as the index says",
            harmless(&of.name)
        )
    };
    of.namespaces.iter().flatten().map(one).collect()
}

fn against(of: &Dossier) -> Vec<String> {
    let Some(against) = &of.against else {
        return vec!["no version of it was received through the gate, as far as is known".to_owned()];
    };
    let Against { version, received, is_listed, gained, lost, requires_python, .. } = against;
    let gone = if *is_listed { "" } else { ", which the index lacks by now" };
    let mut lines = vec![format!("last admitted: {}{gone}, received {}", harmless(version), minute(*received))];
    let all = |of: &[String]| of.iter().take(MOST).map(|one| harmless(one)).collect::<Vec<_>>().join(", ");
    lines.extend((!gained.is_empty()).then(|| format!("  new files: {}", all(gained))));
    lines.extend((!lost.is_empty() && *is_listed).then(|| format!("  no more: {}", all(lost))));
    let python =
        |of: &crate::gate::ChangedPython| format!("  Python {:?} instead of {:?}", harmless(&of.is), harmless(&of.was));
    lines.extend(requires_python.as_ref().map(python));
    lines.extend(against.is_yanked.then(|| "  it is yanked".to_owned()));
    lines.extend(against.lost_attestation().then(|| "  the one before was attested, and this one is not".to_owned()));
    lines
}

fn inside(of: &FileWords) -> Vec<String> {
    let plain = |text: &str| bare(&harmless(text));
    let lines = of.lines.iter().map(|line| format!("  {}", plain(line)));
    std::iter::once(format!("in {}, {}", plain(&of.filename), plain(&of.beside))).chain(lines).collect()
}

fn malware(of: &MalwareWord) -> String {
    match (&of.record, of.records, of.through) {
        (Some(record), ..) => format!("malware by {}", harmless(record)),
        (None, 0, _) => "no records of malware are read".to_owned(),
        (None, n, None) => format!("none of {n} records of malware names it"),
        (None, n, Some(through)) => {
            let younger = if of.is_younger { ", and it is younger" } else { "" };
            format!("none of {n} records of malware names it; they reach to {}{younger}", through.format("%F"))
        }
    }
}

fn votes(of: &Dossier) -> Option<String> {
    let vote = |of: &Vote| format!("{} {}", harmless(&of.kind), if of.speaks { "yes" } else { "no" });
    let kinds: Vec<String> = of.votes.kinds.iter().map(vote).collect();
    let (needs, lack) = (of.votes.needs, of.votes.lack.as_ref());
    let lack = lack.map(|lack| format!(": {}", harmless(lack))).unwrap_or_default();
    let one = if needs > 1 { ", one for the file" } else { "" };
    (needs > 0).then(|| format!("speaks for it: {}; {needs} have to{one}{lack}", kinds.join(", ")))
}

fn before(of: &PastDecision) -> String {
    let (at, act) = (minute(of.step.at), of.step.act.as_str());
    let (version, by) = (harmless(&of.version), harmless(&of.step.by));
    format!("before: {at}  {act} of {version} in review {} by {by}: {}", of.review, harmless(&of.step.reason))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Requester;

    #[test]
    fn who_asked_is_a_user_at_a_host_with_what_their_installer_says_of_itself() {
        let at: Time = "2026-11-27T12:00:00Z".parse().expect("a time");
        let of = |user: &str, tool: Option<&str>, is_ci| ReviewAsker {
            who: Requester { user: Some(user.to_owned()), host: "10.0.0.7".parse().ok() },
            tool: tool.map(str::to_owned),
            is_ci,
            first: Some(at),
            last: Some(at),
            times: 3,
        };
        assert_eq!(
            asker(&of("ci-1", Some("pip"), true)),
            "asked by ci-1 at 10.0.0.7 with pip, in a build by what it says: first 2026-11-27 12:00, last 2026-11-27 12:00, 3 times"
        );
        let odd = ReviewAsker { first: None, ..of("ada\u{202e}\n", Some("x\n"), false) };
        let said = asker(&odd);
        assert!(!said.contains(['\u{202e}', '\n']) && said.ends_with(": nobody wrote down when"), "{said}");
    }
}
