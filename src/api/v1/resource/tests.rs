//! Every command there and back, and what is no command.

use std::collections::BTreeSet;

use percent_encoding::percent_decode_str;

use super::*;
use crate::api::v1::{
    AccountChange, AccountRole, ClaimDecision, Decision, Exposure, Filter, FindingState, Notice, Order, ReportForm,
    Tier, Told,
};

use crate::gate::{ReviewAct, ReviewState};

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

/// Names that people and strangers choose.
const HOSTILE: &str = "a/b?c=%2F&d#e é\u{202e}\u{0} +;\"'<b>..";

fn page() -> (Option<String>, Option<usize>) {
    (some("cursor-_ 1"), Some(7))
}

fn reads() -> Vec<Command> {
    let (after, limit) = page();
    let filter = Filter {
        owner: some(HOSTILE),
        project: some("acme"),
        states: vec![FindingState::Open, FindingState::PreExisting],
        at_least: Some(Tier::Alert),
        watch: some("name:acme"),
        search: some(HOSTILE),
        order: Order::Urgent,
        after: after.clone(),
        limit,
    };
    let since = Some("2026-11-23T12:00:00.5Z".parse().expect("a time"));
    let names = vec!["a".to_owned(), HOSTILE.to_owned()];
    vec![
        Command::Status,
        Command::Glance,
        Command::CheckName { name: HOSTILE.to_owned() },
        Command::InventoryLint { after: after.clone(), limit },
        Command::Metrics,
        Command::Coverage,
        Command::Rules,
        Command::Findings { filter },
        Command::Findings { filter: Filter::default() },
        Command::Finding { case: HOSTILE.to_owned() },
        Command::Watches {
            owner: None,
            exposure: Some(Exposure::Exposed),
            search: some(HOSTILE),
            after: after.clone(),
            limit,
        },
        Command::Report { owner: some("security"), since },
        Command::ReportFile { owner: None, since, form: ReportForm::Watches },
        Command::Health { after: after.clone(), limit: Some(usize::MAX) },
        Command::ClaimStatus { names: Vec::new(), after: None, limit: None },
        Command::ClaimPlan { names, after: after.clone(), limit },
        Command::ClaimRequest,
        Command::Gate,
        Command::GateReviews { state: Some(ReviewState::Matured), search: some(HOSTILE), after: after.clone(), limit },
        Command::GateReviews { state: None, search: None, after: None, limit: None },
        Command::GateReview { review: HOSTILE.to_owned() },
        Command::Known { after: after.clone(), limit },
        Command::Users { after: None, limit },
        Command::Tokens { after: after.clone(), limit: None },
        Command::Audit { since, after, limit },
        Command::Cursor,
    ]
}

fn writes() -> Vec<Command> {
    let names = vec!["acme".to_owned()];
    let (who, note) = ("ada".to_owned(), some(HOSTILE));
    let notice = Notice { key: "k".to_owned(), owner: "o".to_owned(), channel: "email".to_owned() };
    vec![
        Command::Judge { cases: names.clone(), decision: Decision::Reopen, who: who.clone(), note: note.clone() },
        Command::Snooze { cases: names.clone(), minutes: 480, who: who.clone(), note: note.clone() },
        Command::AcknowledgeHealth { case: HOSTILE.to_owned(), who: who.clone(), note: note.clone() },
        Command::ClaimPropose { names: names.clone() },
        Command::ClaimDecide { names: names.clone(), decision: ClaimDecision::Retry, note },
        Command::ClaimApply { names, dry_run: true, after: None, limit: None },
        Command::ClaimAgree { reference: HOSTILE.to_owned() },
        Command::GateDecide {
            review: "17".to_owned(),
            act: ReviewAct::Approve,
            reason: HOSTILE.to_owned(),
            until: Some("2026-11-23T12:00:00.5Z".parse().expect("a time")),
            files_key: some("0123"),
        },
        Command::ClaimWork,
        Command::ClaimReport { claim: "acme@1".to_owned(), step: Told::Unanswered { why: "x".to_owned() } },
        Command::TestAlert { owner: None },
        Command::InventoryPreview { text: HOSTILE.to_owned(), whole: false },
        Command::Deliveries { notices: vec![notice] },
        Command::Probe,
        Command::Check,
        Command::ApplyInventory { force: true },
        Command::Reload { dry_run: false },
        Command::Reconcile { dry_run: true, accept: false },
        Command::SetCursor { serial: u64::MAX, who },
        Command::Backup { name: some("x.db") },
        Command::UserChange { name: "ada@acme.example".to_owned(), change: AccountChange::Remove },
        Command::UserLink { name: HOSTILE.to_owned() },
        Command::TokenCreate { name: "ci".to_owned(), user: None, scope: AccountRole::Viewer, days: 90 },
        Command::TokenRevoke { id: 7 },
    ]
}

/// The resource and the fields in its path, as a router finds them.
fn routed(request: &Request) -> (&'static Resource, Vec<(String, String)>, String) {
    let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
    let parts: Vec<&str> = path.split('/').collect();
    let fields = |template: &'static str| {
        let wanted: Vec<&str> = template.split('/').collect();
        let fits = |(part, wanted): (&&str, &&str)| part == wanted || wanted.starts_with('{');
        (parts.len() == wanted.len() && parts.iter().zip(&wanted).all(fits)).then(|| {
            let named = parts.iter().zip(wanted).filter(|(_, wanted)| wanted.starts_with('{'));
            let decoded = |part: &str| percent_decode_str(part).decode_utf8().expect("UTF-8").into_owned();
            named.map(|(part, name)| (name.trim_matches(['{', '}']).to_owned(), decoded(part))).collect()
        })
    };
    let all = RESOURCES.iter().filter(|resource| resource.method == request.method);
    let (resource, path) = all.filter_map(|of| Some((of, fields(of.path)?))).next().expect("a resource");
    (resource, path, query.to_owned())
}

#[test]
fn every_command_comes_back_as_it_went() {
    let all: Vec<Command> = reads().into_iter().chain(writes()).collect();
    let mut words = BTreeSet::new();
    for command in all {
        let request = request(&command).expect("it has a place");
        let (resource, path, query) = routed(&request);
        let body = request.body.as_deref().unwrap_or_default();
        assert_eq!(resource.command(path, &query, body).as_ref(), Ok(&command), "{}", request.target);
        assert!(request.target.is_ascii() && !request.target.contains(['"', ' ', '<']), "{}", request.target);
        assert_eq!(request.body.is_none(), resource.method == Method::Get);
        words.insert(resource.word);
    }
    assert_eq!(words, RESOURCES.iter().map(|resource| resource.word).collect(), "each was asked");
}

#[test]
fn what_no_path_can_name_has_no_request() {
    for case in ["", ".", ".."] {
        assert_eq!(request(&Command::Finding { case: case.to_owned() }), None, "{case:?}");
        assert_eq!(request(&Command::UserLink { name: case.to_owned() }), None, "{case:?}");
    }
    let case = "...".to_owned();
    assert_eq!(request(&Command::Finding { case }).map(|of| of.target).as_deref(), Some("/api/v1/findings/..."));
}

#[test]
fn what_only_reads_is_got() {
    let changes = |command: Command| (request(&command).expect("a place").method, command.changes());
    assert!(reads().into_iter().all(|command| changes(command) == (Method::Get, false)));
    assert!(writes().into_iter().all(|command| changes(command).0 != Method::Get));
}

fn refused(word: &str, query: &str, body: &[u8]) -> String {
    let resource = RESOURCES.iter().find(|resource| resource.word == word).expect("there");
    let problem = resource.command(Vec::new(), query, body).expect_err("refused");
    assert_eq!(problem.of(), ProblemType::BadValue);
    problem.detail
}

#[test]
fn what_cannot_be_understood_is_refused_by_name() {
    assert!(refused("findings", "at_last=page", b"").contains("\"at_last\"; known are owner, project"));
    assert!(refused("status", "x=1", b"").contains("none is known here"));
    assert!(refused("findings", "owner=a&owner=b", b"").contains("owner is there twice"));
    assert!(refused("findings", "limit=-1", b"").contains("limit is no whole number"));
    assert!(refused("findings", "limit=", b"").contains("limit is no whole number"));
    assert!(refused("findings", "states=gone", b"").contains("unknown variant `gone`"));
    assert!(refused("findings", "at_least=", b"").contains("unknown variant"));
    assert!(refused("report", "since=yesterday", b"").contains("input contains invalid characters"));
    assert!(refused("judge", "", b"[]").contains("no JSON object"));
    assert!(refused("judge", "", b"{").contains("no JSON"));
    assert!(refused("judge", "", b"").contains("missing field `cases`"));
    assert!(refused("judge", "cases=a", b"{}").contains("no parameter"));
}

#[test]
fn what_may_be_left_out_is_left_out() {
    let of = |word: &str, body: &[u8]| {
        let resource = RESOURCES.iter().find(|resource| resource.word == word).expect("there");
        resource.command(Vec::new(), "", body).expect("understood")
    };
    assert_eq!(of("apply-inventory", b""), Command::ApplyInventory { force: false });
    assert_eq!(
        of("claim-apply", b"{}"),
        Command::ClaimApply { names: Vec::new(), dry_run: false, after: None, limit: None }
    );
    assert_eq!(of("claim-status", b""), Command::ClaimStatus { names: Vec::new(), after: None, limit: None });
    let more = br#"{"later": {"x": [1]}, "command": "backup", "dry_run": true}"#;
    assert_eq!(of("reload", more), Command::Reload { dry_run: true }, "what is not known is left aside");
}
