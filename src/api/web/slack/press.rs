//! What somebody pressed, as Slack sends it: a form with the field `payload`, which is JSON (docs.slack.dev, "block_actions payload").

use std::collections::BTreeMap;

use serde::Deserialize;
use url::{Url, form_urlencoded};

use crate::gate::ReviewAct;
use crate::messages::slack_buttons::{APPROVE, REASON, REJECT, meant, reason_block};

/// One button.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Press {
    /// The id of a user of Slack: by the signature, Slack says who it was.
    pub(super) user: String,
    pub(super) act: ReviewAct,
    pub(super) review: i64,
    /// Of the files that the message spoke of.
    pub(super) files_key: String,
    /// As it was typed; may be empty.
    pub(super) reason: String,
    /// Where whoever pressed is told what came of it.
    pub(super) answer_to: Option<Url>,
}

#[derive(Deserialize)]
struct Payload {
    #[serde(rename = "type")]
    kind: String,
    user: Whom,
    #[serde(default)]
    actions: Vec<Pressed>,
    state: Option<Typed>,
    response_url: Option<Url>,
}

#[derive(Deserialize)]
struct Whom {
    id: String,
}

#[derive(Deserialize)]
struct Pressed {
    action_id: String,
    #[serde(default)]
    value: Option<String>,
}

/// By block, and by field.
#[derive(Deserialize)]
struct Typed {
    #[serde(default)]
    values: BTreeMap<String, BTreeMap<String, Field>>,
}

#[derive(Deserialize)]
struct Field {
    #[serde(default)]
    value: Option<String>,
}

impl Press {
    /// `None`: it is something else that an app hears of, such as another button.
    pub(super) fn read(body: &[u8]) -> Option<Self> {
        let (_, payload) = form_urlencoded::parse(body).find(|(name, _)| name == "payload")?;
        let payload: Payload = serde_json::from_str(&payload).ok().filter(|of: &Payload| of.kind == "block_actions")?;
        let Payload { user, actions, state, response_url, .. } = payload;
        let (act, value) =
            actions.iter().find_map(|pressed| Some((act(&pressed.action_id)?, pressed.value.as_deref()?)))?;
        let (review, files_key) = meant(value)?;
        let typed =
            state.as_ref().and_then(|state| state.values.get(&reason_block(review))?.get(REASON)?.value.as_deref());
        let reason = typed.unwrap_or_default().trim().to_owned();
        Some(Self { user: user.id, act, review, files_key: files_key.to_owned(), reason, answer_to: response_url })
    }
}

fn act(id: &str) -> Option<ReviewAct> {
    match id {
        APPROVE => Some(ReviewAct::Approve),
        REJECT => Some(ReviewAct::Reject),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn of(payload: &Value) -> Option<Press> {
        let form =
            form_urlencoded::Serializer::new(String::new()).append_pair("payload", &payload.to_string()).finish();
        Press::read(form.as_bytes())
    }

    #[test]
    fn a_press_says_who_what_which_review_and_why() {
        let payload = json!({
            "type": "block_actions", "user": {"id": "U012AB3CD", "name": "root"}, "api_app_id": "A1",
            "actions": [{"type": "button", "action_id": "approve", "block_id": "review-17", "value": "17 0123456789abcdef"}],
            "state": {"values": {"reason-17": {"reason": {"type": "plain_text_input", "value": " it is needed "}},
                                 "reason-18": {"reason": {"type": "plain_text_input", "value": "of another"}}}},
            "response_url": "https://hooks.slack.example/actions/T/1/x",
        });
        let press = of(&payload).expect("a press");
        assert_eq!((press.user.as_str(), press.act, press.review), ("U012AB3CD", ReviewAct::Approve, 17));
        assert_eq!((press.files_key.as_str(), press.reason.as_str()), ("0123456789abcdef", "it is needed"));
        assert_eq!(press.answer_to.expect("an address").host_str(), Some("hooks.slack.example"));
        let with = |key: &str, value: Value| {
            let mut other = payload.clone();
            other[key] = value;
            of(&other)
        };
        assert_eq!(
            with("state", json!({"values": {"reason-17": {"reason": {"value": null}}}})).expect("a press").reason,
            ""
        );
        for (key, value) in [
            ("type", json!("view_submission")),
            ("actions", json!([])),
            ("actions", json!([{"action_id": "reopen", "value": "17 ab"}])),
            ("actions", json!([{"action_id": "approve", "value": "17"}])),
            ("actions", json!([{"action_id": "approve"}])),
            ("user", json!({})),
        ] {
            assert_eq!(with(key, value.clone()), None, "{key} {value}");
        }
        assert_eq!(Press::read(b"payload=%7B"), None);
        assert_eq!(Press::read(b""), None);
    }
}
