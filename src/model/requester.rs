//! Who asked the gate: the user, where they log in, and the address that they asked from. Both, since one account may be on many machines,
//! and one machine may have many accounts.

use std::fmt;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

/// What was written of whoever nobody knows, by versions that wrote a word.
const NOBODY: &str = "unknown";

/// A user at a host, as far as either is known.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "Written", into = "Written")]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct Requester {
    /// `None`: nobody has to log in.
    pub user: Option<String>,
    /// `None`: a proxy did not say for whom it asks, or an earlier version wrote down the user alone.
    pub host: Option<IpAddr>,
}

/// As it stands in JSON.
#[derive(Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
struct Written {
    /// The user, or else the host, or `unknown`: one word for what `user` and `host` tell apart.
    peer: String,
    /// Who logged in; `null`: nobody has to.
    #[serde(default)]
    user: Option<String>,
    /// The address that they asked from; `null`: nobody knows it, or nobody wrote it down.
    #[serde(default)]
    host: Option<IpAddr>,
}

impl Requester {
    /// As an earlier version wrote it down, which knew a user or an address.
    pub fn of_word(word: &str) -> Self {
        match word.parse::<IpAddr>() {
            Ok(host) => Self { user: None, host: Some(host.to_canonical()) },
            Err(_) if word.is_empty() || word == NOBODY => Self::default(),
            Err(_) => Self { user: Some(word.to_owned()), host: None },
        }
    }

    /// The user, or else the host, or `unknown`.
    pub fn word(&self) -> String {
        let host = || self.host.map(|host| host.to_string());
        self.user.clone().or_else(host).unwrap_or_else(|| NOBODY.to_owned())
    }
}

impl fmt::Display for Requester {
    /// `ada at 10.0.0.7`, or as much of it as is known.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.user, self.host) {
            (Some(user), Some(host)) => write!(f, "{user} at {host}"),
            _ => f.write_str(&self.word()),
        }
    }
}

impl From<Written> for Requester {
    fn from(of: Written) -> Self {
        match (of.user, of.host) {
            (None, None) => Self::of_word(&of.peer),
            (user, host) => Self { user, host },
        }
    }
}

impl From<Requester> for Written {
    fn from(of: Requester) -> Self {
        Self { peer: of.word(), user: of.user, host: of.host }
    }
}

/// Those who asked for one thing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "WrittenAll", into = "WrittenAll")]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct Requesters(pub Vec<Requester>);

/// As they stand in JSON.
#[derive(Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
struct WrittenAll {
    /// A word for each user, and for each host of those who did not log in.
    peers: Vec<String>,
    /// The same who asked, by user and host.
    #[serde(default)]
    asked_by: Vec<Requester>,
}

impl Requesters {
    /// A word for each user, and for each host of those who did not log in.
    pub fn words(&self) -> Vec<String> {
        let mut words: Vec<String> = self.0.iter().map(Requester::word).collect();
        words.sort();
        words.dedup();
        words
    }

    /// The first of them, and how many more there are: `ada at 10.0.0.7, 10.0.0.8`, 3. `shown`: how one is written where it goes.
    pub fn first(&self, most: usize, shown: impl Fn(&str) -> String) -> (String, usize) {
        let first: Vec<String> = self.0.iter().take(most).map(|of| shown(&of.to_string())).collect();
        (first.join(", "), self.0.len().saturating_sub(most))
    }
}

impl From<WrittenAll> for Requesters {
    fn from(of: WrittenAll) -> Self {
        let words = || of.peers.iter().map(|word| Requester::of_word(word)).collect();
        Self(if of.asked_by.is_empty() { words() } else { of.asked_by })
    }
}

impl From<Requesters> for WrittenAll {
    fn from(of: Requesters) -> Self {
        Self { peers: of.words(), asked_by: of.0 }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, from_value, json, to_value};

    use super::*;

    fn of(user: Option<&str>, host: Option<&str>) -> Requester {
        Requester { user: user.map(str::to_owned), host: host.map(|host| host.parse().expect("an address")) }
    }

    #[test]
    fn a_user_and_a_host_are_told_apart_and_each_is_said_as_far_as_it_is_known() {
        let all = [
            (of(Some("ada"), Some("10.0.0.7")), "ada at 10.0.0.7", "ada"),
            (of(Some("ada"), None), "ada", "ada"),
            (of(None, Some("2001:db8::9")), "2001:db8::9", "2001:db8::9"),
            (of(None, None), "unknown", "unknown"),
        ];
        for (who, said, word) in all {
            assert_eq!((who.to_string(), who.word()), (said.to_owned(), word.to_owned()));
            let written = to_value(&who).expect("JSON");
            assert_eq!(written, json!({"peer": word, "user": who.user, "host": who.host}));
            assert_eq!(from_value::<Requester>(written).expect("reads"), who);
        }
    }

    #[test]
    fn what_an_earlier_version_wrote_is_a_user_or_an_address() {
        let read = |value: Value| from_value::<Requester>(value).expect("reads");
        assert_eq!(read(json!({"peer": "ci-1"})), of(Some("ci-1"), None));
        assert_eq!(read(json!({"peer": "::ffff:10.0.0.7"})), of(None, Some("10.0.0.7")));
        assert_eq!(read(json!({"peer": "unknown"})), of(None, None));
        let all: Requesters = from_value(json!({"peers": ["10.0.0.7", "ci-1"]})).expect("reads");
        assert_eq!(all.0, [of(None, Some("10.0.0.7")), of(Some("ci-1"), None)]);
    }

    #[test]
    fn of_several_each_user_is_a_word_once_and_each_place_stands_for_itself() {
        let all = Requesters(vec![
            of(Some("ci-1"), Some("10.0.0.8")),
            of(Some("ci-1"), Some("10.0.0.7")),
            of(None, Some("10.0.0.7")),
        ]);
        let written = to_value(&all).expect("JSON");
        assert_eq!(written["peers"], json!(["10.0.0.7", "ci-1"]));
        assert_eq!(written["asked_by"][1], json!({"peer": "ci-1", "user": "ci-1", "host": "10.0.0.7"}));
        assert_eq!(from_value::<Requesters>(written).expect("reads"), all);
        assert_eq!(all.first(2, str::to_owned), ("ci-1 at 10.0.0.8, ci-1 at 10.0.0.7".to_owned(), 1));
        assert_eq!(all.first(9, str::to_owned).1, 0);
    }
}
