//! What comes of a press: the account of whoever pressed decides, by the rules of the dashboard and of the gate, or it is said why not.

use serde::de::DeserializeOwned;

use super::super::caller::Caller;
use super::super::site::Site;
use super::press::Press;
use crate::api::v1::Command;
use crate::config::SlackAppSettings;
use crate::gate::{Review, ReviewAct, ReviewState};
use crate::messages::hostile::{inert, slack};
use crate::model::{Actor, Role, Through};
use crate::store::User;

/// Longest answer, in the units that Slack counts.
const LONGEST: usize = 2_000;

/// In words, with nothing in them that Slack takes for its own.
pub(super) async fn decided(site: &Site, press: &Press) -> String {
    let said = match tried(site, press).await {
        Ok(said) => said,
        Err(why) => format!("Nothing was decided: {why}"),
    };
    slack(&said, LONGEST)
}

async fn tried(site: &Site, press: &Press) -> Result<String, String> {
    let settings = site.settings();
    let Some(app) = &settings.web.slack else { return Err("there is no [web.slack] any more".to_owned()) };
    let user = account(site, app, &press.user).await?;
    if !user.role.suffices(Role::Approver) {
        return Err(format!(
            "this is for the role {}, and the account {} has the role {}",
            Role::Approver,
            user.name,
            user.role
        ));
    }
    let (actor, review) = (Caller::actor(&user, Through::Slack, None), press.review.to_string());
    // What is at the index by now is for whoever looks at the dashboard, and takes its time.
    let seen = site.service.shown_review(press.review).await.map_err(|refusal| refusal.problem().to_string())?;
    is_as_told(&seen, &press.files_key)?;
    let (act, reason) = (press.act, press.reason.clone());
    if reason.is_empty() {
        return Err("write why into the field above the buttons: it stays with the review".to_owned());
    }
    let files_key = (act == ReviewAct::Approve).then(|| press.files_key.clone());
    let review: Review =
        asked(site, &actor, Command::GateDecide { review, act, reason, until: None, files_key }).await?;
    Ok(said(&review, act, &user))
}

/// Whose account it is.
async fn account(site: &Site, app: &SlackAppSettings, id: &str) -> Result<User, String> {
    let shown = inert(id, 40);
    let Some(name) = app.users.get(id).cloned() else {
        return Err(format!(
            "nobody here is {shown} of Slack; whoever runs the watch writes it into [web.slack] users"
        ));
    };
    let found = site.store().read({
        let name = name.clone();
        move |tx| tx.users().get(&name)
    });
    let found = found.await.map_err(|error| error.to_string())?;
    found.ok_or_else(|| {
        format!(
            "{shown} of Slack is {name}, and there is no account {name}: namewarden user add {name} --role approver"
        )
    })
}

async fn asked<T: DeserializeOwned>(site: &Site, actor: &Actor, command: Command) -> Result<T, String> {
    let reply = site.service.answer(actor, command).await.map_err(|refusal| refusal.problem().to_string())?;
    reply.read().map_err(|error| error.to_string())
}

/// A message stays where it is. Its buttons decide what nobody has decided since, and of the files that it spoke of alone.
fn is_as_told(review: &Review, files_key: &str) -> Result<(), String> {
    let id = review.id;
    if review.files_key != files_key {
        return Err(format!("review {id} has other files by now than this message spoke of; look at it again"));
    }
    if review.state != ReviewState::Open {
        return Err(format!("review {id} is {} by now", review.state.as_str()));
    }
    match review.steps.iter().any(|step| step.act != ReviewAct::Approve) {
        true => Err(format!("review {id} was decided and opened again; look at it on the dashboard")),
        false => Ok(()),
    }
}

fn said(review: &Review, act: ReviewAct, user: &User) -> String {
    let (id, release) = (review.id, inert(&format!("{}=={}", review.project, review.version), 120));
    match (act, review.state) {
        (ReviewAct::Approve, ReviewState::Open) => {
            format!("{} agrees to review {id} of {release}, and another person has to.", user.name)
        }
        (_, state) => format!("Review {id} of {release} is {}, by {}.", state.as_str(), user.name),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn review(state: &str, acts: &[&str]) -> Review {
        let step = |act: &&str| {
            json!({"at": "2026-11-27T12:00:00Z", "by": "bob", "uid": 7, "act": act, "reason": "x", "until": null,
                                       "files_key": "ab"})
        };
        serde_json::from_value(json!({
            "id": 17, "project": "leftpad", "version": "1.0<!here>", "state": state, "why": "", "until": null, "files": [],
            "more_files": false, "files_key": "ab", "project_since": null, "first_asked": "2026-11-27T12:00:00Z",
            "last_asked": "2026-11-27T12:00:00Z", "times_asked": 1, "peers": [], "more_peers": false, "closed": null,
            "steps": acts.iter().map(step).collect::<Vec<_>>(),
        }))
        .expect("a review")
    }

    #[test]
    fn a_button_decides_what_is_as_it_was_told_and_nothing_else() {
        let of = |state: &str, acts: &[&str], key: &str| is_as_told(&review(state, acts), key);
        assert_eq!(of("open", &[], "ab"), Ok(()));
        assert_eq!(of("open", &["approve"], "ab"), Ok(()), "another person agreed");
        for (state, acts, key, why) in [
            ("open", &[][..], "cd", "other files by now"),
            ("approved", &["approve"][..], "ab", "is approved by now"),
            ("rejected", &["reject"][..], "ab", "is rejected by now"),
            ("matured", &[][..], "ab", "is matured by now"),
            ("open", &["reject", "reopen"][..], "ab", "decided and opened again"),
        ] {
            assert!(of(state, acts, key).is_err_and(|said| said.contains(why)), "{state} {acts:?} {key}");
        }
    }

    #[test]
    fn what_a_stranger_wrote_calls_nobody() {
        let user = User {
            name: "ada".parse().expect("a name"),
            role: Role::Approver,
            uid: Some(1001),
            password: None,
            added: crate::model::Time::UNIX_EPOCH,
            confirmed: true,
        };
        let told = slack(&said(&review("approved", &[]), ReviewAct::Approve, &user), LONGEST);
        assert!(told.contains("is approved, by ada") && !told.contains("<!here>"), "{told}");
        assert!(said(&review("open", &["approve"]), ReviewAct::Approve, &user).ends_with("and another person has to."));
    }
}
