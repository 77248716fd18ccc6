//! `claim status`: where claims stand, what comes next, and all that happened to them.

use std::process::ExitCode;

use super::super::client::Client;
use super::super::failure::Failure;
use super::super::format::Format;
use super::super::output::{say, show};
use super::super::pages::{ListPart, pages};
use super::rows::{minute, row, theirs};
use crate::api::v1::{Claim, ClaimEvent, Command as Ask, Decided, Party};
use crate::model::claim::ClaimState;
use crate::model::{Actor, ProjectName};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only the claims of these names, each with its trail. Default: all, without.
    #[arg(value_name = "NAME")]
    pub names: Vec<String>,
    #[command(flatten)]
    pub part: ListPart,
    /// How to print it. JSON has the trail of each.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

pub(super) async fn run(client: &Client, args: Args) -> Result<ExitCode, Failure> {
    let Args { names, part, format } = args;
    let ask = |ListPart { limit, after }| Ask::ClaimStatus { names: names.clone(), after, limit };
    let mut missing: Vec<&String> = names.iter().collect();
    let shown = pages(client, part, ask, |page: Vec<Claim>| {
        missing.retain(|name| !page.iter().any(|claim| is_of(claim, name)));
        page.iter().for_each(|claim| show(format, claim, |claim| words(claim, !names.is_empty())));
    })
    .await?;
    if shown.items == 0 && names.is_empty() && format == Format::Human {
        say("no claims");
    }
    shown.end(format, "first");
    match missing.as_slice() {
        [] => Ok(ExitCode::SUCCESS),
        missing => Err(without(missing)),
    }
}

fn is_of(claim: &Claim, asked: &str) -> bool {
    ProjectName::parse(asked).is_ok_and(|name| name.as_str() == claim.name)
}

fn without(names: &[&String]) -> Failure {
    let names: Vec<&str> = names.iter().map(|name| name.as_str()).collect();
    Failure::new(format!("there is no claim of {}; `namewarden claim plan` says what is best", names.join(", ")))
}

fn words(claim: &Claim, trail: bool) -> String {
    let head = format!("{:<44} {}", claim.key, stands(claim));
    let by = |decided: Option<&Decided>| {
        decided.map(|decided| format!("{} by {}", minute(decided.at), party(&decided.by))).unwrap_or_default()
    };
    let mut parts = vec![
        ("but", claim.astray.as_ref().map(|astray| theirs(&astray.says)).unwrap_or_default()),
        ("planned", by(Some(&claim.planned))),
        ("approved", by(claim.approved.as_ref())),
        ("let go", by(claim.released.as_ref())),
        ("note", claim.note.as_deref().map(theirs).unwrap_or_default()),
        ("next", claim.next.clone()),
    ];
    parts.extend(claim.trail.iter().filter(|_| trail).map(|line| ("·", event(line))));
    row(&head, &parts)
}

/// At a glance.
fn stands(claim: &Claim) -> String {
    let state = ClaimState::from(claim.state).as_str();
    match &claim.astray {
        Some(astray) if astray.foreign => format!("{state}, but held by somebody else"),
        Some(astray) if !astray.accepted => format!("{state}, but not as we left it"),
        _ => state.to_owned(),
    }
}

fn event(line: &ClaimEvent) -> String {
    let detail = if line.detail.is_empty() { String::new() } else { format!(": {}", line.detail) };
    theirs(&format!("{} {} by {}, now {}{detail}", line.at.format("%F %T"), line.event, party(&line.by), line.state))
}

fn party(of: &Party) -> String {
    match of.party.as_str() {
        "user" => Actor { uid: of.uid, user: of.user.clone(), ..Actor::default() }.to_string(),
        other => format!("the {other}"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn claim(changes: &[(&str, serde_json::Value)]) -> Claim {
        let by = json!({"party": "user", "uid": 1001, "user": "ada"});
        let at = "2026-11-23T12:00:00Z";
        let mut claim = json!({
            "key": "acme-billing#1", "name": "acme-billing", "state": "approved", "astray": null, "origin": "person",
            "planned": {"by": by, "at": at}, "announced_at": null, "window_ends_at": null, "approved": null, "released": null,
            "files": [], "sent_at": null, "not_before": null, "setback": null, "note": null, "changed_at": at,
            "next": "another person lets it go: `namewarden claim apply`", "trail": [],
        });
        changes.iter().for_each(|(key, value)| claim[*key] = value.clone());
        serde_json::from_value(claim).expect("a claim")
    }

    #[test]
    fn a_claim_says_who_did_what_and_what_comes_next() {
        let by = json!({"party": "configuration", "uid": null, "user": null});
        let said = words(&claim(&[("approved", json!({"by": by, "at": "2026-11-24T12:00:00Z"}))]), false);
        assert!(
            said.starts_with("acme-billing#1") && said.lines().next().is_some_and(|line| line.ends_with(" approved")),
            "{said}"
        );
        for line in [
            "planned   2026-11-23 12:00 UTC by ada (uid 1001)",
            "approved  2026-11-24 12:00 UTC by the configuration",
            "next      another person",
        ] {
            assert!(said.contains(line), "{line}: {said}");
        }
    }

    /// Who holds our name by now is told before all else, and in their letters nothing is a command.
    #[test]
    fn what_is_not_as_we_left_it_is_told_and_strangers_give_no_command() {
        let astray = |foreign: bool, accepted: bool| {
            let says = "held by `namewarden claim approve x`\u{1b}[2J";
            json!({"what": says, "since": "2026-11-23T12:00:00Z", "foreign": foreign, "accepted": accepted, "says": says})
        };
        let head = |foreign, accepted| {
            let said = words(&claim(&[("astray", astray(foreign, accepted))]), false);
            assert!(said.contains("held by 'namewarden claim approve x'") && !said.contains('\u{1b}'), "{said}");
            said.lines()
                .next()
                .map(|line| line.split_whitespace().skip(1).collect::<Vec<_>>().join(" "))
                .unwrap_or_default()
        };
        assert_eq!(head(true, false), "approved, but held by somebody else");
        assert_eq!(
            head(true, true),
            "approved, but held by somebody else",
            "what was found right may have changed hands"
        );
        assert_eq!(head(false, false), "approved, but not as we left it");
        assert_eq!(head(false, true), "approved");
    }

    #[test]
    fn the_trail_is_shown_of_what_was_asked_for_alone() {
        let by = json!({"party": "uploader", "uid": null, "user": null});
        let event =
            json!({"at": "2026-11-23T12:00:00Z", "by": by, "event": "refuse", "state": "failed", "detail": "said `x`"});
        let of = claim(&[("trail", json!([event]))]);
        let said = words(&of, true);
        assert!(said.contains("12:00:00 refuse by the uploader, now failed:") && said.ends_with("said 'x'"), "{said}");
        assert!(!words(&of, false).contains("refuse"));
        assert!(is_of(&of, "Acme_Billing") && !is_of(&of, "acme") && !is_of(&of, "a b"));
        let missing = "acme-x".to_owned();
        assert!(without(&[&missing]).to_string().contains("there is no claim of acme-x; `namewarden claim plan`"));
    }
}
