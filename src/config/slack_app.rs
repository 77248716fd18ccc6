//! The section `[web.slack]`: the app of Slack that messages of reviews are posted by, and who of its workspace is whom here.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use toml::Spanned;

use super::channels::slack;
use super::check;
use super::fault::Fault;
use super::key::Key;
use super::loader::{Loader, open};
use super::secret::Secret;
use crate::model::{Channel, UserName};

/// By whom decisions come from Slack, and from which messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlackAppSettings {
    /// Signs what Slack sends. Blank where this process may not read it.
    pub secret: Secret,
    /// Whose webhooks are the app's: messages of reviews have buttons there.
    pub channels: BTreeSet<Channel>,
    /// Accounts of the dashboard, by the id of a user of Slack.
    pub users: BTreeMap<String, UserName>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table, [web.slack]")]
pub(super) struct SlackAppKeys {
    /// Path of a file that holds the signing secret of the app.
    pub signing_secret_file: Key<String>,
    /// Name of a credential that holds it. Required, or `signing_secret_file`.
    pub signing_secret_credential: Key<String>,
    /// Names of `[alert.slack.NAME]` whose webhooks are the app's. Required.
    pub channels: Key<Vec<String>>,
    /// Accounts of the dashboard by the ids of Slack's users. Required.
    pub users: Key<BTreeMap<String, String>>,
}

const WRITE_CHANNELS: &str =
    "write the names of [alert.slack.NAME] whose webhooks are the app's, channels = [\"security\"]";
const WRITE_USERS: &str = "write who of Slack is whom here, users = { U012AB3CD = \"ada\" }";

impl Loader<'_> {
    /// `known`: the channels that there are.
    pub(super) fn slack_app(
        &mut self,
        section: Option<Spanned<SlackAppKeys>>,
        known: &BTreeSet<Channel>,
    ) -> Option<Option<SlackAppSettings>> {
        if section.is_none() {
            return Some(None);
        }
        let (at, section) = open(section);
        let channels = self
            .required("web.slack.channels", at.start, section.channels, WRITE_CHANNELS, |names| channels(names, known));
        let users = self.required("web.slack.users", at.start, section.users, WRITE_USERS, users);
        let key = "web.slack.signing_secret";
        let found = self.secret(key, section.signing_secret_file, section.signing_secret_credential)?;
        let Some(found) = found else {
            let instead = "write signing_secret_credential = \"NAME\" or signing_secret_file = \"PATH\"";
            return self.note(at.start, key, Fault::new("is missing, and anybody can press buttons", instead));
        };
        let instead = "write into it what the app's page \"Basic Information\" shows as Signing Secret";
        let secret = self.verify(key, at.start, found, is_secret, "no signing secret of Slack's", instead);
        Some(Some(SlackAppSettings { secret: secret?, channels: channels?, users: users? }))
    }
}

fn channels(names: Vec<String>, known: &BTreeSet<Channel>) -> Result<BTreeSet<Channel>, Fault> {
    let one = |name: String| {
        let channel = slack::named(check::channel_name(&name)?);
        let there = known.contains(&channel);
        there.then_some(channel).ok_or_else(|| Fault::new(format!("there is no [alert.slack.{name}]"), WRITE_CHANNELS))
    };
    let channels: BTreeSet<Channel> = names.into_iter().map(one).collect::<Result<_, _>>()?;
    if channels.is_empty() { Err(Fault::new("no message would have buttons", WRITE_CHANNELS)) } else { Ok(channels) }
}

/// Ids of Slack begin with U, or with W where several workspaces share them.
fn users(table: BTreeMap<String, String>) -> Result<BTreeMap<String, UserName>, Fault> {
    let is_id = |id: &str| {
        id.starts_with(['U', 'W'])
            && (3..=32).contains(&id.len())
            && id.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
    };
    let one = |(id, name): (String, String)| match (is_id(&id), name.parse::<UserName>()) {
        (true, Ok(name)) => Ok((id, name)),
        (false, _) => Err(Fault::new(format!("{id:?} is no id of a user of Slack"), WRITE_USERS)),
        (true, Err(why)) => Err(Fault::new(why.to_string(), WRITE_USERS)),
    };
    let users: BTreeMap<String, UserName> = table.into_iter().map(one).collect::<Result<_, _>>()?;
    if users.is_empty() { Err(Fault::new("nobody could decide anything", WRITE_USERS)) } else { Ok(users) }
}

fn is_secret(text: &str) -> bool {
    text.len() >= 24 && text.bytes().all(|b| b.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buttons_stand_where_there_is_a_channel_and_are_pressed_by_whom_somebody_knows() {
        let known: BTreeSet<Channel> = [slack::named("security".to_owned()), Channel::Email].into();
        let of = |names: &[&str]| channels(names.iter().map(|name| (*name).to_owned()).collect(), &known);
        assert_eq!(of(&["security"]).expect("it is there").len(), 1);
        assert!(of(&["other"]).is_err_and(|fault| fault.what.contains("no [alert.slack.other]")));
        assert!(of(&[]).is_err());
        let of = |pairs: &[(&str, &str)]| {
            users(pairs.iter().map(|(id, name)| ((*id).to_owned(), (*name).to_owned())).collect())
        };
        assert_eq!(of(&[("U012AB3CD", "Ada"), ("W1A", "bob")]).expect("two")["U012AB3CD"].as_str(), "ada");
        for wrong in [&[][..], &[("ada", "ada")], &[("u012ab3cd", "ada")], &[("U", "ada")], &[("U012AB3CD", "a b")]] {
            assert!(of(wrong).is_err(), "{wrong:?}");
        }
        assert!(is_secret("8f742231b10e8888abcd99yyyzzz85a5") && !is_secret("short") && !is_secret(&" ".repeat(40)));
    }
}
