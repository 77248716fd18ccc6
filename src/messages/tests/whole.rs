//! A batch says all, in every form: no case of it is left out, none is said twice, and what is open is closed nowhere.

use proptest::prelude::*;

use super::super::samples::{briefing, case};
use super::hostile::words;
use crate::messages::{PagerDutyEvent, console, exec, mail, pagerduty, slack, slack_text, webhook};
use crate::model::finding::FindingState;
use crate::model::notice::{Briefing, Case, Content, NoticeEvent};
use crate::model::{Channel, Rule, Tier};

/// A case as a batch may have it: what happened to it fits how it stands.
#[derive(Clone, Copy, Debug)]
struct Told {
    tier: Tier,
    state: FindingState,
    event: Option<NoticeEvent>,
    stands: bool,
    answered: bool,
    again: bool,
}

fn is_closed(state: FindingState) -> bool {
    use FindingState::{Ours, Removed, Resolved, Suppressed, Unwatched};
    matches!(state, Removed | Ours | Resolved | Suppressed | Unwatched)
}

fn told() -> impl Strategy<Value = Told> {
    use FindingState::{Acknowledged, Open, Ours, PreExisting, Removed, Resolved, Suppressed, Unwatched};
    let states = vec![Open, Open, Open, Acknowledged, PreExisting, Removed, Ours, Resolved, Suppressed, Unwatched];
    let state = prop::sample::select(states).prop_flat_map(|state| {
        use NoticeEvent::{Decided, Ended, Escalated, Registered, Stood, Worsened};
        let events = match is_closed(state) {
            true => vec![None, Some(Ended), Some(Decided)],
            false => vec![None, Some(Registered), Some(Worsened), Some(Escalated), Some(Stood)],
        };
        (Just(state), prop::sample::select(events))
    });
    let tier = prop::sample::select(vec![Tier::Page, Tier::Alert, Tier::Digest]);
    (tier, state, any::<[bool; 3]>()).prop_map(|(tier, (state, event), [stands, answered, again])| {
        let stands = stands && !is_closed(state);
        Told { tier, state, event, stands, answered, again: again && state == Removed }
    })
}

fn cases(told: &[Told]) -> Vec<Case> {
    let of = |(at, told): (usize, &Told)| {
        let mut case = case(&format!("torchtri-n{at:02}"), "torchtriton", Rule::Substitution);
        (case.finding.tier, case.finding.state) = (told.tier, told.state);
        (case.told, case.stands, case.answered, case.again) = (told.event, told.stands, told.answered, told.again);
        case
    };
    told.iter().enumerate().map(of).collect()
}

/// Named, or said to be more than there is room for.
fn assert_named(form: &str, cases: &[Case], room: Option<&str>) {
    let lacking = cases.iter().find(|case| !form.contains(name(case)));
    let more = room.is_some_and(|more| form.contains(more));
    assert!(lacking.is_none() || more, "{:?} is not named in {form}", lacking.map(name));
}

fn name(case: &Case) -> &str {
    case.finding.project().as_str()
}

fn assert_forms_name_all(briefing: &Briefing, cases: &[Case], omitted: usize) {
    let mail = mail(briefing);
    for form in [&mail.text, &words(&mail.html), &console(briefing, false)] {
        let form = form.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_named(&form, cases, None);
        assert!(omitted == 0 || form.contains(&format!("{omitted} case")), "{omitted} more are counted: {form}");
    }
    assert_named(&slack(briefing, None).to_string(), cases, Some("There is more"));
    let fallback = slack_text(briefing, None)["text"].as_str().unwrap_or_default().to_owned();
    assert!(cases.iter().any(|case| fallback.contains(name(case))), "{fallback}");
}

fn assert_programs_have_all(briefing: &Briefing, cases: &[Case], omitted: usize) {
    let body = webhook(briefing);
    let keys: Vec<&str> =
        body["data"]["cases"].as_array().into_iter().flatten().filter_map(|case| case["finding"].as_str()).collect();
    let all: Vec<String> = cases.iter().map(|case| case.finding.key.to_string()).collect();
    assert_eq!(keys, all, "{body}");
    assert_eq!(body["data"]["omitted"], omitted);
    let facts = exec(briefing, &Channel::Exec("ticket".to_owned()));
    assert_eq!(facts.input.matches('\n').count(), 1, "one line");
    let given: serde_json::Value = serde_json::from_str(&facts.input).expect("JSON");
    assert_eq!(given, body);
    assert!(facts.environment.iter().all(|(_, value)| !value.contains(char::is_control)), "{:?}", facts.environment);
    let first = facts.environment.iter().find(|(name, _)| *name == "NAMEWARDEN_FINDING").map(|(_, key)| key.clone());
    assert_eq!(first.as_ref(), all.first());
}

fn key(event: &PagerDutyEvent) -> &str {
    event.body["dedup_key"].as_str().unwrap_or_default()
}

fn assert_incidents_stand_as_their_cases(briefing: &Briefing, cases: &[Case], omitted: usize) {
    let events = pagerduty(briefing);
    let mut ids: Vec<&str> = events.iter().map(|event| event.id.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), events.len(), "an event that has the id of another is never sent");
    let together = |case: &Case| {
        let event = case.told.unwrap_or(briefing.event);
        case.stands && matches!(event, NoticeEvent::Stood | NoticeEvent::Escalated)
    };
    let change = events.iter().any(|event| event.is_change);
    for case in cases {
        let actions: Vec<&str> = events
            .iter()
            .filter(|event| !event.is_change && key(event) == case.finding.key.to_string())
            .filter_map(|event| event.body["event_action"].as_str())
            .collect();
        let last = actions.iter().rev().find(|action| **action != "acknowledge").copied();
        match is_closed(case.finding.state) {
            true => assert_eq!(actions, ["resolve"], "{case:?}"),
            false if together(case) || case.finding.tier == Tier::Digest => assert_ne!(last, Some("resolve")),
            false => assert_eq!(last, Some("trigger"), "{case:?}"),
        }
        let unsaid = case.finding.tier == Tier::Digest && !is_closed(case.finding.state);
        assert!(!unsaid || together(case) || change, "nothing says {case:?}");
    }
    assert!(omitted == 0 || change, "what is not shown is said");
    for event in events {
        assert!(event.body.to_string().len() < 512 * 1024);
        assert!(event.body["payload"]["summary"].as_str().is_none_or(|text| text.chars().count() <= 1_024));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_batch_says_all_of_it_whatever_is_in_it(
        told in prop::collection::vec(told(), 1..40),
        omitted in prop_oneof![2 => Just(0_usize), 1 => 1..300_usize],
        (event, tier) in (
            prop::sample::select(vec![NoticeEvent::Summary, NoticeEvent::Registered, NoticeEvent::Worsened, NoticeEvent::Escalated]),
            prop::sample::select(vec![Tier::Page, Tier::Alert, Tier::Digest]),
        ),
    ) {
        let cases = cases(&told);
        let briefing = briefing(event, tier, Content::Cases { cases: cases.clone(), omitted, change: None });
        assert_forms_name_all(&briefing, &cases, omitted);
        assert_programs_have_all(&briefing, &cases, omitted);
        assert_incidents_stand_as_their_cases(&briefing, &cases, omitted);
    }
}
