//! The PagerDuty form: events of the Events API v2, one incident a case (developer.pagerduty.com, "Events API v2").
//!
//! The finding key is the `dedup_key`, so that PagerDuty keeps one incident a case: what gets worse is added to it, and the
//! end of the threat, or what a person says with `namewarden findings`, closes or acknowledges it. What nobody has to be
//! woken for (digests, the canary, the start) is a change event, which opens no incident and calls nobody.
//!
//! Limits are those of its reference: 255 characters in `dedup_key`, 1,024 in `summary`, 512 KB in all.

use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::compose::laid_out;
use super::hostile::{link, visible};
use super::layout::{Card, Layout};
use super::marks::bare;
use super::verdict;
use crate::model::health::HealthCase;
use crate::model::notice::{Briefing, Case, Content, NoticeEvent};
use crate::model::recall::{Recall, Recalls};
use crate::model::{FindingState, Tier};

const DEDUP_KEY: usize = 255;
const SUMMARY: usize = 1_024;
/// Of one value of `custom_details`, and of their number.
const DETAIL: usize = 1_000;
const DETAILS: usize = 60;

/// One event, but for its routing key.
#[derive(Clone, Debug, PartialEq)]
pub struct PagerDutyEvent {
    /// Tells it from all others of its message: `trigger torchtriton@1672005911`.
    pub id: String,
    /// It opens or moves no incident, and goes to the endpoint of changes.
    pub is_change: bool,
    pub body: Value,
}

/// What happens to an incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Action {
    Trigger,
    Acknowledge,
    Resolve,
}

impl Action {
    fn as_str(self) -> &'static str {
        match self {
            Self::Trigger => "trigger",
            Self::Acknowledge => "acknowledge",
            Self::Resolve => "resolve",
        }
    }
}

/// The events that tell this briefing, in their order.
pub(crate) fn events(briefing: &Briefing) -> Vec<PagerDutyEvent> {
    let mut events = incidents(briefing);
    if is_worth_a_change(briefing) {
        events.push(change(briefing));
    }
    events
}

fn incidents(briefing: &Briefing) -> Vec<PagerDutyEvent> {
    match &briefing.content {
        Content::Cases { cases, omitted, change } => {
            let (together, each): (Vec<&Case>, Vec<&Case>) =
                cases.iter().partition(|case| is_told_together(briefing, case));
            let one = together_one(briefing, &together, *omitted);
            let each = each.into_iter().flat_map(|case| of_case(briefing, case, change.as_ref()));
            one.into_iter().chain(each).collect()
        }
        Content::Health { cases, .. } => cases.iter().map(|case| of_health(briefing, case)).collect(),
        Content::Recalls(recalls) => recalls.recalls.iter().filter_map(|recall| of_recall(briefing, recall)).collect(),
        Content::Proof { overview: None } => vec![test(briefing)],
        // What of it is a page has a message of its own.
        Content::Startup { .. }
        | Content::Proof { overview: Some(_) }
        | Content::Unwatched { .. }
        | Content::Claim { .. }
        | Content::Reviews { .. }
        | Content::Report { .. } => Vec::new(),
    }
}

/// What stood before it was watched calls somebody once, however many names it is: an incident each would be hundreds at
/// a first start.
fn is_told_together(briefing: &Briefing, case: &Case) -> bool {
    let event = case.told.unwrap_or(briefing.event);
    case.stands && !is_closed(case) && matches!(event, NoticeEvent::Stood | NoticeEvent::Escalated)
}

/// The incident of the most urgent of them, which names the others.
fn together_one(briefing: &Briefing, cases: &[&Case], omitted: usize) -> Vec<PagerDutyEvent> {
    match cases {
        [] => Vec::new(),
        [one] if omitted == 0 => of_case(briefing, one, None),
        [first, ..] => {
            let content = Content::Cases { cases: cases.iter().copied().cloned().collect(), omitted, change: None };
            let all = Briefing { content, thread: first.finding.key.to_string(), ..briefing.clone() };
            vec![incident(&all, Action::Trigger, &all.thread, (None, None))]
        }
    }
}

/// Is anything of it in no incident?
fn is_worth_a_change(briefing: &Briefing) -> bool {
    match &briefing.content {
        Content::Cases { cases, omitted, .. } => *omitted > 0 || cases.iter().any(|case| !is_incident(case)),
        Content::Recalls(of) => of.omitted > 0 || of.recalls.iter().any(|of| of_recall(briefing, of).is_none()),
        Content::Startup { .. }
        | Content::Unwatched { .. }
        | Content::Claim { .. }
        | Content::Reviews { .. }
        | Content::Proof { overview: Some(_) } => true,
        Content::Health { .. } | Content::Report { .. } | Content::Proof { overview: None } => false,
    }
}

/// What is weak waits in PagerDuty as everywhere: nobody is called for a digest. Its end is told whatever it was.
fn is_incident(case: &Case) -> bool {
    case.finding.tier > Tier::Digest || is_closed(case)
}

/// Nobody has to look at it any more. Our own project that is gone is no end.
fn is_closed(case: &Case) -> bool {
    match case.finding.state {
        FindingState::Removed => !verdict::is_lost(case) || case.again,
        FindingState::Ours | FindingState::Resolved | FindingState::Suppressed | FindingState::Unwatched => true,
        FindingState::Open | FindingState::Acknowledged | FindingState::PreExisting => false,
    }
}

/// What an incident needs to stand as the case does. PagerDuty calls nobody for what is added to an incident that somebody
/// acknowledged: what got worse since begins a new one.
fn actions(case: &Case, event: NoticeEvent) -> Vec<Action> {
    match (event, case.finding.state) {
        _ if is_closed(case) || event == NoticeEvent::Ended => vec![Action::Resolve],
        (NoticeEvent::Decided, FindingState::Acknowledged) => vec![Action::Acknowledge],
        (NoticeEvent::Decided | NoticeEvent::Worsened, _) if case.answered => vec![Action::Resolve, Action::Trigger],
        (_, FindingState::Acknowledged) => vec![Action::Trigger, Action::Acknowledge],
        _ => vec![Action::Trigger],
    }
}

fn of_case(briefing: &Briefing, case: &Case, change: Option<&String>) -> Vec<PagerDutyEvent> {
    if !is_incident(case) {
        return Vec::new();
    }
    let event = case.told.unwrap_or(briefing.event);
    let content = Content::Cases { cases: vec![case.clone()], omitted: 0, change: change.cloned() };
    let one = Briefing {
        event,
        tier: case.finding.tier,
        thread: case.finding.key.to_string(),
        dashboard: case.dashboard.clone(),
        content,
        ..briefing.clone()
    };
    let page = link(&case.address).map(str::to_owned);
    let component = case.finding.project().to_string();
    actions(case, event)
        .into_iter()
        .map(|action| incident(&one, action, &one.thread, (Some(&component), page.as_deref())))
        .collect()
}

fn of_health(briefing: &Briefing, case: &HealthCase) -> PagerDutyEvent {
    let thread = format!("health:{}@{}", case.issue, case.since.timestamp());
    let action = if case.until.is_some() { Action::Resolve } else { Action::Trigger };
    incident(briefing, action, &thread, (None, None))
}

/// An incident a project, which ends once nothing is said of anything of it that was received.
fn of_recall(briefing: &Briefing, recall: &Recall) -> Option<PagerDutyEvent> {
    let action = match (recall.is_over, recall.is_settled) {
        (false, _) if recall.cause.is_page() => Action::Trigger,
        (true, true) => Action::Resolve,
        _ => return None,
    };
    let content = Content::Recalls(Recalls { recalls: vec![recall.clone()], omitted: 0 });
    let one = Briefing { content, ..briefing.clone() };
    Some(incident(&one, action, &format!("recall:{}", recall.project), (Some(&visible(&recall.project, DETAIL)), None)))
}

/// A test rings, and whoever hears it closes it.
fn test(briefing: &Briefing) -> PagerDutyEvent {
    incident(briefing, Action::Trigger, &format!("test:{}", briefing.key), (None, None))
}

fn incident(
    briefing: &Briefing,
    action: Action,
    thread: &str,
    (component, page): (Option<&str>, Option<&str>),
) -> PagerDutyEvent {
    let dedup_key = dedup_key(thread);
    let id = format!("{} {dedup_key}", action.as_str());
    let mut body = json!({ "event_action": action.as_str(), "dedup_key": dedup_key, "client": "namewarden" });
    // PagerDuty reads no more of the others.
    if action == Action::Trigger {
        let layout = laid_out(briefing);
        let mut payload = payload(briefing, &layout);
        payload["severity"] = severity(briefing).into();
        payload["class"] = briefing.event.as_str().into();
        if let Some(component) = component {
            payload["component"] = component.into();
        }
        body["payload"] = payload;
        let dashboard = dashboard(briefing);
        if let Some(address) = dashboard {
            body["client_url"] = address.into();
        }
        let page = page.map(|page| json!({"href": page, "text": "its page on PyPI"}));
        body["links"] = page.into_iter().chain(dashboard.map(to_dashboard)).collect();
    }
    PagerDutyEvent { id, is_change: false, body }
}

/// The longest names leave no room for the second of their registration: what is cut off stays in the key as a hash, or two
/// registrations would be one incident, and the end of the one would close the other.
fn dedup_key(thread: &str) -> String {
    let key = visible(thread, usize::MAX);
    if key.chars().count() <= DEDUP_KEY {
        return key;
    }
    let hash: String = Sha256::digest(key.as_bytes()).iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    let head: String = key.chars().take(DEDUP_KEY - 1 - hash.len()).collect();
    format!("{head}~{hash}")
}

/// The page of the dashboard, which PagerDuty's own people may have an account for.
fn dashboard(briefing: &Briefing) -> Option<&str> {
    briefing.dashboard.as_deref().and_then(link)
}

fn to_dashboard(address: &str) -> Value {
    json!({"href": address, "text": "on the dashboard, for whoever has an account there"})
}

fn severity(briefing: &Briefing) -> &'static str {
    match briefing.tier {
        Tier::Page => "critical",
        Tier::Alert => "warning",
        Tier::Digest => "info",
    }
}

/// Shown among the recent changes of the service.
fn change(briefing: &Briefing) -> PagerDutyEvent {
    let payload = payload(briefing, &laid_out(briefing));
    PagerDutyEvent {
        id: format!("change {}", briefing.key),
        is_change: true,
        body: json!({ "payload": payload, "links": dashboard(briefing).map(to_dashboard).into_iter().collect::<Vec<_>>() }),
    }
}

fn payload(briefing: &Briefing, layout: &Layout) -> Value {
    json!({
        "summary": visible(&bare(&layout.subject), SUMMARY),
        "source": source(briefing),
        "timestamp": briefing.at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
        "custom_details": details(layout),
    })
}

/// The watch that speaks; PagerDuty takes no event without one.
fn source(briefing: &Briefing) -> String {
    let origin = super::parties::origin(briefing);
    if origin.is_empty() { "namewarden".to_owned() } else { visible(&bare(&origin), DETAIL) }
}

/// What the message says, in its order; every text on one line.
fn details(layout: &Layout) -> Value {
    let mut details = Details::default();
    details.say("verdict", &layout.verdict);
    details.say("about", &layout.about);
    details.say("why", &layout.lead.join(" "));
    if let Some(answer) = &layout.answer {
        details.say("answer with", &answer.command);
    }
    for (at, action) in layout.actions.iter().enumerate() {
        let command = action.command.iter().map(|command| format!(": {command}"));
        details.say(&format!("to do {}", at + 1), &format!("{}{}", action.text, command.collect::<String>()));
    }
    layout.cards.iter().for_each(|card| details.card(card, layout.cards.len() > 1));
    details.say("also", &layout.more.join("; "));
    details.say("from", &layout.closing.join(" "));
    Value::Object(details.0)
}

#[derive(Default)]
struct Details(Map<String, Value>);

impl Details {
    fn say(&mut self, label: &str, text: &str) {
        if !text.is_empty() && self.0.len() < DETAILS {
            self.0.insert(visible(label, DETAIL), visible(&bare(text), DETAIL).into());
        }
    }

    /// The rows of one card, each with the card's name before it where there are several.
    fn card(&mut self, card: &Card, several: bool) {
        for row in &card.rows {
            let label = if several { format!("{}: {}", bare(&card.title), row.label) } else { row.label.to_owned() };
            self.say(&label, &row.value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages::samples::{briefing, case, registered, torchtriton};
    use crate::model::{ProjectName, Rule};

    fn said(briefing: &Briefing) -> Vec<String> {
        events(briefing).into_iter().map(|event| event.id).collect()
    }

    fn with(state: FindingState, event: NoticeEvent) -> Briefing {
        let mut case = torchtriton();
        case.finding.state = state;
        Briefing { event, ..registered(vec![case]) }
    }

    #[test]
    fn an_incident_has_the_key_of_its_case_and_the_severity_of_its_tier() {
        let [event] = <[PagerDutyEvent; 1]>::try_from(events(&registered(vec![torchtriton()]))).expect("one event");
        assert_eq!(event.body["dedup_key"], "torchtriton@1672005911");
        assert_eq!(event.body["payload"]["severity"], "critical");
        assert_eq!(event.body["payload"]["component"], "torchtriton");
        assert_eq!(event.body["links"][0]["href"], "https://pypi.example/project/torchtriton/");
        insta::assert_snapshot!(event.body["payload"]["summary"].as_str().expect("text"), @"[page] pip would take torchtriton: your internal name (nw-417)");
        let alert = events(&registered(vec![case("torchtritom", "torchtriton", Rule::Substitution)]));
        assert_eq!(alert[0].body["payload"]["severity"], "warning");
    }

    #[test]
    fn an_incident_goes_the_way_of_its_case() {
        use FindingState::{Acknowledged, Open, Ours, Removed, Resolved, Suppressed};
        use NoticeEvent::{Decided, Ended, Escalated, Registered, Worsened};
        let actions = |state, event| -> Vec<String> {
            let ids = said(&with(state, event)).into_iter();
            ids.map(|id| id.replace(" torchtriton@1672005911", "")).collect()
        };
        assert_eq!(actions(Open, Registered), ["trigger"]);
        assert_eq!(actions(Open, Worsened), ["trigger"]);
        assert_eq!(actions(Open, Escalated), ["trigger"]);
        assert_eq!(actions(Acknowledged, Registered), ["trigger", "acknowledge"]);
        assert_eq!(actions(Acknowledged, Decided), ["acknowledge"]);
        for (state, event) in [(Removed, Ended), (Ours, Ended), (Resolved, Decided), (Suppressed, Decided)] {
            assert_eq!(actions(state, event), ["resolve"], "{state:?}");
        }
    }

    /// Our own project that is gone may be taken by anybody: that closes nothing.
    #[test]
    fn a_project_of_ours_that_is_gone_is_no_end() {
        let mut lost = torchtriton();
        lost.finding.state = FindingState::Removed;
        lost.finding.facts.ours = Some(true);
        let lost = Briefing { event: NoticeEvent::Worsened, ..registered(vec![lost]) };
        assert_eq!(said(&lost), ["trigger torchtriton@1672005911"]);
    }

    #[test]
    fn what_gets_worse_after_an_answer_rings_again() {
        let mut worse = torchtriton();
        worse.answered = true;
        let worse = Briefing { event: NoticeEvent::Worsened, ..registered(vec![worse]) };
        assert_eq!(said(&worse), ["resolve torchtriton@1672005911", "trigger torchtriton@1672005911"]);
    }

    #[test]
    fn each_case_of_a_message_is_an_incident_and_weak_ones_share_a_change() {
        let mut weak = case("torch-tritons", "torchtriton", Rule::Contains);
        weak.finding.tier = Tier::Digest;
        let mut ended = case("torchtritom", "torchtriton", Rule::Substitution);
        ended.finding.state = FindingState::Removed;
        ended.told = Some(NoticeEvent::Ended);
        let several = Briefing { event: NoticeEvent::Summary, ..registered(vec![torchtriton(), ended, weak]) };
        let said = said(&several);
        assert_eq!(said[..2], ["trigger torchtriton@1672005911", "resolve torchtritom@1672005911"]);
        assert!(said[2].starts_with("change "), "{said:?}");
        assert_eq!(said.len(), 3);
    }

    #[test]
    fn no_two_registrations_share_an_incident_however_long_their_names_are() {
        let key = |name: &str, second: i64| dedup_key(&format!("{name}@{second}"));
        let longest = "n".repeat(ProjectName::LONGEST);
        let other = format!("{}m", &longest[1..]);
        let keys = [key(&longest, 1_672_005_911), key(&longest, 1_672_005_912), key(&other, 1_672_005_911)];
        assert!(keys.iter().all(|key| key.len() <= DEDUP_KEY && key.starts_with("nnnn")), "{keys:?}");
        assert_eq!(keys.iter().collect::<std::collections::BTreeSet<_>>().len(), 3, "{keys:?}");
        let fits = "n".repeat(DEDUP_KEY - 11);
        assert_eq!(key(&fits, 1_672_005_911), format!("{fits}@1672005911"), "what has room stands as it is");
    }

    /// A first start of a large inventory, and its reminder.
    #[test]
    fn what_stood_is_one_incident_however_many_names_there_are() {
        let stood = |n: usize| Case { stands: true, ..case(&format!("torch-{n}"), &format!("torch-{n}"), Rule::Exact) };
        for event in [NoticeEvent::Stood, NoticeEvent::Escalated] {
            let content = Content::Cases { cases: (0..250).map(stood).collect(), omitted: 50, change: None };
            let [one] = <[PagerDutyEvent; 1]>::try_from(
                events(&briefing(event, Tier::Page, content))
                    .into_iter()
                    .filter(|event| !event.is_change)
                    .collect::<Vec<_>>(),
            )
            .expect("one incident");
            assert_eq!(one.body["dedup_key"], "torch-0@1672005911");
            let summary = one.body["payload"]["summary"].as_str().unwrap_or_default();
            assert!(summary.contains("300 names"), "{summary}");
            assert!(one.body.to_string().len() < 64_000);
        }
        let mut over = stood(1);
        over.finding.state = FindingState::Removed;
        let ended = briefing(
            NoticeEvent::Ended,
            Tier::Digest,
            Content::Cases { cases: vec![over, stood(2)], omitted: 0, change: None },
        );
        assert_eq!(said(&ended), ["resolve torch-1@1672005911", "resolve torch-2@1672005911"], "each by its own key");
    }

    #[test]
    fn a_proof_calls_nobody_and_a_test_does() {
        let proof = |overview| briefing(NoticeEvent::Test, Tier::Digest, Content::Proof { overview });
        assert_eq!(said(&proof(None)), ["trigger test:0123456789abcdef0123456789abcdef"]);
        let [canary] = <[PagerDutyEvent; 1]>::try_from(events(&proof(Some(Box::default())))).expect("one event");
        assert!(canary.is_change && canary.body["dedup_key"].is_null());
    }

    #[test]
    fn nothing_of_a_strangers_is_a_link_or_too_long() {
        let mut case = torchtriton();
        case.finding.facts.summary =
            Some(format!("see https://evil.example/x \u{202e}\u{1b}[2J{}", "y".repeat(100_000)));
        let body = events(&registered(vec![case]))[0].body.to_string();
        assert!(!body.contains("https://evil") && !body.contains('\u{202e}') && !body.contains("\\u001b"), "{body}");
        assert!(body.len() < 64_000, "{}", body.len());
    }
}
