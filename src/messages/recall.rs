//! The message about what was received through the gate and turned out to be bad: who has which file since when, and what to do now.

use std::collections::BTreeSet;

use crate::model::Requester;
use crate::model::notice::Briefing;
use crate::model::recall::{FileReceiver, Recall, RecallCause, RecalledFile, Recalls};

use super::hostile::{inert, shell};
use super::layout::{Action, Answer, Card, Layout};
use super::marks::code;
use super::parties::origin;
use super::phrase::{clock, count};

/// Clients that a row names.
const PEERS: usize = 5;
const NAME: usize = 120;
/// A login and an address.
const WHO: usize = 110;

pub(crate) fn is_over(of: &Recalls) -> bool {
    !of.recalls.is_empty() && of.recalls.iter().all(|recall| recall.is_over)
}

pub(crate) fn fill(layout: &mut Layout, briefing: &Briefing, of: &Recalls) {
    let over = is_over(of);
    layout.verdict = verdict(of);
    layout.about = of.recalls.first().map(|first| code(&inert(&first.project, NAME))).unwrap_or_default();
    layout.lead = vec![if over { NO_MORE } else { RECEIVED }.to_owned()];
    layout.cards = of.recalls.iter().map(card).collect();
    if let Some(first) = of.recalls.first() {
        layout.answer = Some(Answer {
            title: "See who has it with",
            command: format!("namewarden gate who {}", shell(&inert(&first.project, NAME))),
            text: format!("On {}, where the gate runs.", code(&origin(briefing))),
            link: None,
        });
    }
    if !over {
        layout.actions = actions(of);
    }
    if of.omitted > 0 {
        let all = code("namewarden gate recalls");
        layout.more = vec![format!("And {}: {all}.", count(of.omitted, "more project", "more projects"))];
    }
    layout.overflow = "There is more: `namewarden gate recalls`".to_owned();
}

const RECEIVED: &str = "The gate gave it out before this was known. Installing a package may run its code, so whoever received it may have \
                        run it.";
const NO_MORE: &str = "What was said against it was taken back: nothing has to be done about it any more.";

/// Those that begin with what cannot wait.
fn actions(of: &Recalls) -> Vec<Action> {
    let mut standing = of.recalls.iter().filter(|recall| !recall.is_over);
    if of.omitted == 0 && standing.all(|recall| recall.cause == RecallCause::Removed) {
        return vec![
            Action::new(
                "Look why it was taken away: mostly somebody tidied up or corrected a mistake, and malware goes so before anybody has a record of it. \
                 Where nobody says why, read what it does before you build with it again.",
            ),
            Action::run("See all that was received and is bad, or gone.", "namewarden gate recalls"),
        ];
    }
    let bad = of.recalls.iter().any(|recall| !recall.is_over && recall.cause.is_page());
    let mut actions = Vec::new();
    if bad {
        actions.push(Action::new(
            "Treat each of these machines as taken over until you know better: revoke the tokens, keys and passwords that it could read, first \
             those of builds.",
        ));
    }
    actions.push(Action::new(
        "Remove it where it is installed, and build anew what was built with it: environments, images, caches of installers.",
    ));
    let findings: BTreeSet<String> = of.recalls.iter().filter_map(finding).collect();
    for finding in findings {
        actions.push(Action::run("Look at the finding, and settle it where it is harmless.", finding));
    }
    actions.push(Action::run("See all that was received and is bad.", "namewarden gate recalls"));
    actions
}

fn finding(recall: &Recall) -> Option<String> {
    match recall.cause {
        RecallCause::Finding { finding } if !recall.is_over => Some(format!("namewarden findings show {finding}")),
        _ => None,
    }
}

pub(crate) fn headline(of: &Recalls) -> String {
    let Some(first) = of.recalls.first() else { return verdict(of) };
    let others = of.recalls.len() - 1 + of.omitted;
    let and =
        if others == 0 { String::new() } else { format!(", and {}", count(others, "more project", "more projects")) };
    let project = inert(&first.project, NAME);
    if first.is_over {
        return format!("nothing is said any more against {project}, which was received here{and}");
    }
    format!("{project} was received here, and {}{and}", bare_why(&first.cause))
}

fn verdict(of: &Recalls) -> String {
    if is_over(of) {
        return "What was received is not known to be bad any more".to_owned();
    }
    let standing = || of.recalls.iter().filter(|recall| !recall.is_over);
    let files = || standing().flat_map(|recall| &recall.files);
    let clients: BTreeSet<&Requester> = files().flat_map(|file| &file.receivers).map(|of| &of.who).collect();
    let is_more =
        of.omitted > 0 || files().any(|file| file.more_receivers > 0) || standing().any(|of| of.more_files > 0);
    let least = if is_more { "At least " } else { "" };
    let what = if standing().any(|recall| recall.cause.weight() > 1) { "is known to be bad" } else { "may be bad" };
    let have = if clients.len() == 1 { "has" } else { "have" };
    format!("{least}{} {have} received what {what}", count(clients.len(), "client", "clients"))
}

/// Why, in a sentence; names that strangers wrote are code.
pub(crate) fn why(cause: &RecallCause) -> String {
    match cause {
        RecallCause::Removed => "PyPI lists it no more, and does not say why".to_owned(),
        RecallCause::Finding { finding } => {
            format!("it may imitate a name of yours: finding {}", code(&finding.to_string()))
        }
        RecallCause::Rejected { review, reason, by } => {
            let by = by.as_ref().map_or_else(|| "a person".to_owned(), |by| inert(by, NAME));
            format!("{by} rejected it in review {review}: {}", inert(reason, 200))
        }
        RecallCause::Quarantined => "PyPI has it in quarantine".to_owned(),
        RecallCause::Malware { record } => format!("the record {} names it as malware", code(&inert(record, 60))),
    }
}

/// The same for a subject.
fn bare_why(cause: &RecallCause) -> &'static str {
    match cause {
        RecallCause::Removed => "was taken away from PyPI since",
        RecallCause::Finding { .. } => "may imitate a name of yours",
        RecallCause::Rejected { .. } => "was rejected since",
        RecallCause::Quarantined => "is in quarantine at PyPI",
        RecallCause::Malware { .. } => "is malware",
    }
}

fn card(recall: &Recall) -> Card {
    let mut card = Card { title: code(&inert(&recall.project, NAME)), ..Card::default() };
    let since = if recall.is_over { "No more: " } else { "" };
    card.row("Why", format!("{since}{}", why(&recall.cause)));
    for file in &recall.files {
        card.row("Received", received(file));
    }
    if recall.more_files > 0 {
        card.row("And", count(recall.more_files, "more file", "more files"));
    }
    card
}

fn received(file: &RecalledFile) -> String {
    let peers: Vec<String> = file.receivers.iter().take(PEERS).map(receiver).collect();
    let others = file.receivers.len().saturating_sub(PEERS) + file.more_receivers;
    let and = if others == 0 { String::new() } else { format!(", and {}", count(others, "other", "others")) };
    format!("{} by {}{and}", code(&inert(&file.filename, NAME)), peers.join(", "))
}

fn receiver(of: &FileReceiver) -> String {
    let last = if of.last == of.first { String::new() } else { format!(", last {}", clock(of.last)) };
    format!("{} (first {}{last})", code(&inert(&of.who.to_string(), WHO)), clock(of.first))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages::samples::{at, briefing};
    use crate::messages::{mail, pagerduty, slack, webhook};
    use crate::model::notice::{Content, NoticeEvent};
    use crate::model::{CaseId, Tier};

    fn recall(project: &str, cause: RecallCause) -> Recall {
        let receiver = |peer: &str| FileReceiver { who: Requester::of_word(peer), first: at(0), last: at(60) };
        let file = RecalledFile {
            filename: format!("{project}-1.0.tar.gz"),
            version: Some("1.0".to_owned()),
            sha256: "ab".repeat(32),
            receivers: ["10.0.0.7", "10.0.0.8"].map(receiver).into(),
            more_receivers: 0,
        };
        let project = project.to_owned();
        Recall { project, cause, is_over: false, is_new: true, is_settled: false, files: vec![file], more_files: 0 }
    }

    fn told(recalls: Vec<Recall>, omitted: usize) -> Briefing {
        briefing(NoticeEvent::Recall, Tier::Page, Content::Recalls(Recalls { recalls, omitted }))
    }

    fn malware() -> RecallCause {
        RecallCause::Malware { record: "MAL-2026-1".to_owned() }
    }

    fn flat(text: &str) -> String {
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn it_says_who_has_what_since_when_and_what_to_do_now() {
        let one = told(vec![recall("leftpad", malware())], 0);
        let mail = mail(&one);
        assert_eq!(mail.subject, "[page] leftpad was received here, and is malware");
        for words in [
            "2 clients have received what is known to be bad",
            "the record MAL-2026-1 names it as malware",
            "leftpad-1.0[.]tar[.]gz by 10.0.0.7 (first 2022-12-25 22:05:11 UTC, last 2022-12-25 22:06:11 UTC), 10.0.0.8 (",
            "revoke the tokens, keys and passwords",
            "namewarden gate who leftpad",
            "namewarden gate recalls",
        ] {
            assert!(flat(&mail.text).contains(words), "{words}: {}", mail.text);
        }
        assert!(slack(&one, None).to_string().contains("10.0.0.8"));
        let data = &webhook(&one)["data"]["recalls"][0];
        assert_eq!((data["cause"].as_str(), data["over"].as_bool()), (Some("malware"), Some(false)));
        assert_eq!(data["files"][0]["receivers"][1]["peer"], "10.0.0.8");
    }

    #[test]
    fn an_incident_of_a_project_begins_and_ends_and_a_rejection_is_none() {
        let ids = |briefing: &Briefing| pagerduty(briefing).into_iter().map(|event| event.id).collect::<Vec<_>>();
        let finding = RecallCause::Finding { finding: CaseId(417) };
        let rejected = RecallCause::Rejected { review: 3, reason: "no".to_owned(), by: None };
        assert_eq!(
            ids(&told(vec![recall("a", malware()), recall("b", finding)], 0)),
            ["trigger recall:a", "trigger recall:b"]
        );
        assert!(ids(&told(vec![recall("a", rejected)], 0))[0].starts_with("change "));
        let over = |is_settled| Recall { is_over: true, is_settled, ..recall("a", malware()) };
        assert_eq!(ids(&told(vec![over(true)], 0)), ["resolve recall:a"]);
        assert!(ids(&told(vec![over(false)], 0))[0].starts_with("change "), "another record names it still");
        let end = mail(&told(vec![over(true)], 0));
        assert!(end.subject.starts_with("[ended] nothing is said any more against a"), "{}", end.subject);
        assert!(!flat(&end.text).contains("revoke"), "{}", end.text);
    }

    /// Most of them are harmless, and none is known not to be.
    #[test]
    fn what_was_taken_away_is_to_be_looked_at_and_wakes_nobody() {
        let removed = mail(&told(vec![recall("leftpad", RecallCause::Removed)], 0));
        let text = flat(&removed.text);
        assert!(
            removed.subject.contains("leftpad was received here, and was taken away from PyPI since"),
            "{}",
            removed.subject
        );
        assert!(text.contains("PyPI lists it no more") && text.contains("Look why it was taken away"), "{text}");
        assert!(!text.contains("taken over"), "{text}");
        let both = mail(&told(vec![recall("leftpad", RecallCause::Removed), recall("evil", malware())], 0));
        assert!(flat(&both.text).contains("revoke the tokens"), "{}", both.text);
    }

    #[test]
    fn what_strangers_wrote_is_harmless_and_what_is_more_is_counted() {
        let evil = "x](https://evil.example) <!here>\u{202e}";
        let mut bad = recall(evil, RecallCause::Malware { record: evil.to_owned() });
        (bad.files[0].receivers[0].who.user, bad.files[0].more_receivers) = (Some(evil.to_owned()), 70);
        let reason = RecallCause::Rejected { review: 3, reason: evil.to_owned(), by: Some(evil.to_owned()) };
        let many = told(vec![bad, recall("leftpad", reason)], 7);
        let mail = mail(&many);
        assert!(mail.subject.contains("and 8 more projects"), "{}", mail.subject);
        assert!(flat(&mail.text).contains("and 70 others") && flat(&mail.text).contains("At least "), "{}", mail.text);
        let slack = slack(&many, None).to_string();
        for form in [mail.text, mail.html, slack] {
            assert!(!form.contains("https://evil.example") && !form.contains('\u{202e}'), "{form}");
        }
    }

    #[test]
    fn who_rejected_it_is_named_where_that_is_known() {
        let said = |by: Option<&str>| {
            let (reason, by) = ("it calls home".to_owned(), by.map(str::to_owned));
            flat(&mail(&told(vec![recall("leftpad", RecallCause::Rejected { review: 17, reason, by })], 0)).text)
        };
        assert!(said(Some("ada")).contains("ada rejected it in review 17: it calls home"), "{}", said(Some("ada")));
        assert!(said(None).contains("a person rejected it in review 17: it calls home"), "{}", said(None));
    }
}
