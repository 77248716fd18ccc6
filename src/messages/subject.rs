//! Subject lines: the tier and what matters most within 50 characters, which is what a phone shows; then the rest.

use crate::model::finding::FindingState;
use crate::model::health::HealthCase;
use crate::model::notice::{Briefing, Case, Content, NoticeEvent};
use crate::model::{CaseId, Exposure, Tier, Watch};

use super::apart::apart;
use super::hostile::{inert, shown};
use super::marks::bare;
use super::parties::owner;
use super::phrase::{count, listed, lower};
use super::relation::relation;
use super::standing::strangers;
use super::verdict::{Verdict, verdict};
use super::{canary, claim, health, recall, report, review};

/// The longest headline; with `[digest] ` it still fits Slack's header of 150 characters.
const HEADLINE: usize = 135;

/// With the short name at the end, which no length of another name cuts off.
fn named(text: &str, id: Option<CaseId>) -> String {
    let name = id.map(|id| format!(" ({id})")).unwrap_or_default();
    format!("{}{name}", whole(shown(text, HEADLINE - name.len())))
}

/// Without the word that was cut at its end, where that leaves the most of it.
fn whole(text: String) -> String {
    let kept = text.strip_suffix('…').and_then(|cut| cut.rsplit_once(' ')).map(|(kept, _)| kept);
    match kept.filter(|kept| 2 * kept.len() > text.len()) {
        Some(kept) => format!("{}…", kept.trim_end_matches([',', ';', ':'])),
        None => text,
    }
}

/// The sentence after the tier.
pub(crate) fn headline(briefing: &Briefing) -> String {
    let (briefing, _) = apart(briefing);
    let briefing = briefing.as_ref();
    let text = match &briefing.content {
        Content::Cases { cases, omitted, change } => {
            let text = of_cases(briefing.event, cases, *omitted, change.as_deref());
            return named(&bare(&text), cases.first().and_then(|first| first.finding.id));
        }
        Content::Startup { watched, pre_existing, omitted, .. } => {
            let taken = strangers(pre_existing).len() + omitted;
            format!("namewarden watches {}{}, for {}", names(watched.len()), standing(watched, taken), owner(briefing))
        }
        Content::Unwatched { watches, ended, on, .. } => {
            let labels: Vec<String> = watches.iter().map(|w| shown(&w.id.label(), 60)).collect();
            let left =
                format!("{} left the inventory: {}", count(watches.len(), "watch", "watches"), listed(&labels, 3));
            let open = ended.len() + on.iter().filter(|case| case.was.tier > Tier::Digest).count();
            if open == 0 { left } else { format!("{left}; {}", count(open, "case was open", "cases were open")) }
        }
        Content::Health { cases, others } => of_health(cases, others),
        Content::Claim { announced } => claim::headline(announced),
        Content::Reviews { held, omitted } => review::headline(held, *omitted),
        Content::Recalls(recalls) => recall::headline(recalls),
        Content::Report { report: of } => report::headline(of),
        Content::Proof { overview: Some(overview) } => {
            format!("namewarden canary: this channel works; {}", canary::brief(overview))
        }
        Content::Proof { overview: None } => "namewarden test alert: this channel works".to_owned(),
    };
    shown(&bare(&text), HEADLINE)
}

/// What kind of message this is.
pub(crate) fn occasion(briefing: &Briefing) -> String {
    match (briefing.event, &briefing.content) {
        (NoticeEvent::Worsened, Content::Cases { cases, change: Some(change), omitted: 0 }) if cases.len() == 1 => {
            happened(change)
        }
        _ => kind(briefing).to_owned(),
    }
}

/// The first words of what changed, where they are few: `first release` of `first release: 1.0`.
fn happened(change: &str) -> String {
    const FEW: usize = 40;
    let head = change.split(':').next().unwrap_or_default().trim();
    let few = !head.is_empty() && head.chars().count() <= FEW;
    if few { inert(head, FEW) } else { "changed".to_owned() }
}

fn kind(briefing: &Briefing) -> &'static str {
    match (briefing.event, &briefing.content) {
        (NoticeEvent::Registered, _) => "registered on PyPI",
        (NoticeEvent::Stood, _) => "stood before the watch",
        (NoticeEvent::Ended, Content::Cases { cases, .. }) if matches!(&cases[..], [one] if one.again) => {
            "registered again"
        }
        (NoticeEvent::Ended, _) => "no threat any more",
        (NoticeEvent::Decided, _) => "somebody has decided",
        (NoticeEvent::Answered, _) => "somebody has answered",
        (NoticeEvent::Worsened, _) => "changed",
        (NoticeEvent::Escalated, Content::Cases { cases, .. }) => cases.first().map_or(UNANSWERED, waits),
        (NoticeEvent::Escalated, _) => UNANSWERED,
        (NoticeEvent::Summary, _) => "new or changed on PyPI",
        (NoticeEvent::Startup, _) => "the watch begins",
        (NoticeEvent::Unwatched, _) => "no longer watched",
        (NoticeEvent::Health, _) => "the watch itself",
        (NoticeEvent::Claim, _) => "a claim of your name",
        (NoticeEvent::Review, _) => "held by the gate",
        (NoticeEvent::Recall, _) => "received through the gate",
        (NoticeEvent::Canary, _) => "daily proof",
        (NoticeEvent::Report, _) => "report",
        (NoticeEvent::Test, _) => "test alert",
    }
}

fn names(n: usize) -> String {
    count(n, "name", "names")
}

fn standing(watched: &[(Watch, Option<Exposure>)], taken: usize) -> String {
    let exposed = watched.iter().filter(|(_, exposure)| *exposure == Some(Exposure::Exposed)).count();
    let mut parts = Vec::new();
    if taken > 0 {
        parts.push(format!("{} already on PyPI", count(taken, "project", "projects")));
    }
    if exposed > 0 {
        parts.push(format!("{exposed} free for anyone"));
    }
    if parts.is_empty() { String::new() } else { format!(": {}", parts.join(", ")) }
}

fn of_cases(event: NoticeEvent, cases: &[Case], omitted: usize, change: Option<&str>) -> String {
    let Some(first) = cases.first() else {
        return format!("{} on PyPI", count(omitted, "registration", "registrations"));
    };
    let what = what(event, first, change);
    let projects = cases.len() + omitted;
    if event == NoticeEvent::Summary || projects > 1 {
        return several(event, cases, omitted);
    }
    let relation = relation(first);
    let more = match first.finding.others() {
        0 => String::new(),
        more => format!(" and {}", count(more, "more watch", "more watches")),
    };
    match Verdict::of(first) {
        Verdict::NotYet | Verdict::NotKnown if event == NoticeEvent::Registered => {
            format!("{what}: {relation}{more}; {}", lower(&verdict(cases, 0)))
        }
        _ => format!("{what}: {relation}{more}"),
    }
}

/// The verdict where it is grave, else what happened.
fn what(event: NoticeEvent, case: &Case, change: Option<&str>) -> String {
    let project = shown(case.finding.project().as_str(), 60);
    let answered = change.map(|change| whole(inert(change, 60)));
    let change = change.map(|change| format!(" ({})", whole(inert(change, 50)))).unwrap_or_default();
    match (Verdict::of(case), event) {
        (_, NoticeEvent::Ended) => format!("{project} {}", over(case)),
        (Verdict::Again, _) => format!("{project} {}", over(case)),
        (_, NoticeEvent::Answered) => format!("{project} {}", answered.unwrap_or_else(|| "was answered".to_owned())),
        (Verdict::Withheld, _) => format!("your {project} is in quarantine at PyPI"),
        (Verdict::Lost, _) => format!("your {project} is gone from PyPI"),
        (Verdict::Quarantined, NoticeEvent::Registered) => {
            format!("{project} was registered and is in quarantine since")
        }
        (Verdict::Gone, NoticeEvent::Registered) => format!("{project} was registered and is gone since"),
        (Verdict::Takes, NoticeEvent::Worsened) => format!("pip would take {project} now{change}"),
        (Verdict::Takes, NoticeEvent::Escalated) => format!("pip would take {project}, {}", waits(case)),
        (Verdict::Takes, NoticeEvent::Stood) => format!("pip would take {project}, already on PyPI"),
        (Verdict::Takes, _) => format!("pip would take {project}"),
        // What made it worse may be gone by now, and other hands or roles need not be worse.
        (_, NoticeEvent::Worsened) => format!("{project} changed{change}"),
        (_, NoticeEvent::Escalated) => format!("{project} is {}", waits(case)),
        (Verdict::May, NoticeEvent::Stood) => format!("pip may take {project}, already on PyPI"),
        (Verdict::May, _) => format!("pip may take {project}"),
        (_, NoticeEvent::Stood) => format!("{project} stands on PyPI"),
        _ => format!("{project} was registered"),
    }
}

const UNANSWERED: &str = "still unacknowledged";

/// What is open of a case of which somebody is reminded.
fn waits(case: &Case) -> &'static str {
    if case.finding.snoozed_until.is_some() { "open, and put off until now" } else { UNANSWERED }
}

fn several(event: NoticeEvent, cases: &[Case], omitted: usize) -> String {
    let Some(first) = cases.first() else { return String::new() };
    let all = names(cases.len() + omitted);
    let first = format!("{}: {}", shown(first.finding.project().as_str(), 60), relation(first));
    match cases.iter().map(Verdict::of).max() {
        Some(Verdict::Takes | Verdict::May) if event != NoticeEvent::Ended => {
            format!("{} names {}, first {first}", verdict(cases, omitted), done(event))
        }
        _ => format!("{all} {}, first {first}", done(event)),
    }
}

/// How the threat of this case ended, after its name.
fn over(case: &Case) -> String {
    let how = match case.finding.state {
        FindingState::Ours => "is ours after all",
        _ if case.again => {
            let other = case.next.map_or_else(|| "another case".to_owned(), |next| next.to_string());
            return format!("was registered again, which is {other}; this one is over");
        }
        _ if case.quarantined => "is in quarantine at PyPI",
        _ if case.unlisted => "is no longer listed by PyPI",
        _ => "is gone from PyPI",
    };
    how.to_owned()
}

fn done(event: NoticeEvent) -> &'static str {
    match event {
        NoticeEvent::Ended => "are no threat any more",
        NoticeEvent::Answered => "that somebody has answered",
        NoticeEvent::Stood => "already on PyPI",
        NoticeEvent::Worsened => "that changed",
        NoticeEvent::Escalated => UNANSWERED,
        NoticeEvent::Summary => "new or changed on PyPI",
        _ => "registered on PyPI",
    }
}

/// What is wrong, in words, where there is one thing.
fn meaning(lasting: &[&HealthCase]) -> String {
    match lasting {
        [one] => format!(" ({})", health::within(&one.issue)),
        _ => String::new(),
    }
}

fn of_health(cases: &[HealthCase], others: &[HealthCase]) -> String {
    let (over, lasting): (Vec<_>, Vec<_>) = cases.iter().partition(|case| case.until.is_some());
    let keys = |cases: &[&HealthCase]| {
        listed(&cases.iter().map(|case| inert(&case.issue.to_string(), 60)).collect::<Vec<_>>(), 3)
    };
    match (lasting.is_empty(), over.is_empty()) {
        (false, _) => format!("namewarden is unwell: {}{}", keys(&lasting), meaning(&lasting)),
        (true, false) if !others.is_empty() => {
            let others = keys(&others.iter().collect::<Vec<_>>());
            format!("namewarden is still unwell ({others}), but this is over: {}", keys(&over))
        }
        (true, false) => format!("namewarden is well again: {}", keys(&over)),
        (true, true) => "namewarden has nothing to report about itself".to_owned(),
    }
}
