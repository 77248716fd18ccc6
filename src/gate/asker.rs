//! Who asked for what is held: a user at a host, and what it asked with.

use serde::{Deserialize, Serialize};

use super::agent::Agent;
use super::client::shares_as;
use crate::model::{Requester, Time};

/// One user at one host that asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct ReviewAsker {
    #[serde(flatten)]
    pub who: Requester,
    /// Its installer as it said last: one of those that are known; `null`: another, or none.
    pub tool: Option<String>,
    /// Its installer said at least once that it runs in a build.
    #[serde(default)]
    pub is_ci: bool,
    /// `null`: nobody wrote that down.
    pub first: Option<Time>,
    pub last: Option<Time>,
    /// Since that is written down.
    pub times: i64,
}

impl ReviewAsker {
    /// Once.
    pub(super) fn once(who: Requester, agent: Agent, at: Time) -> Self {
        let (tool, is_ci) = (agent.tool.map(str::to_owned), agent.is_ci);
        Self { who, tool, is_ci, first: Some(at), last: Some(at), times: 1 }
    }

    /// The same once more.
    pub(super) fn again(&mut self, agent: Agent, at: Time) {
        self.tool = agent.tool.map(str::to_owned).or_else(|| self.tool.take());
        self.is_ci |= agent.is_ci;
        self.first = Some(self.first.map_or(at, |first| first.min(at)));
        self.last = Some(self.last.map_or(at, |last| last.max(at)));
        self.times += 1;
    }
}

/// Which of those that are noted makes room for one who is not, where there is none: of whichever client has the most places the one that asked
/// last for the first time. `None`: none has more than the other would have then, so that no build farm takes the places of everybody else.
pub(super) fn gives_way(noted: &[ReviewAsker], new: &Requester) -> Option<usize> {
    let clients: Vec<String> = noted.iter().map(|asker| shares_as(&asker.who)).collect();
    let places = |client: &str| clients.iter().filter(|of| *of == client).count();
    let (own, noted) = (places(&shares_as(new)), noted.iter().zip(&clients).enumerate());
    let (at, (most, _)) =
        noted.map(|(at, (asker, client))| (at, (places(client), asker.first))).max_by_key(|(_, standing)| *standing)?;
    (most > own + 1).then_some(at)
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use proptest::prelude::*;

    use super::*;

    /// Places that are noted.
    const MOST: usize = 6;

    fn of(user: &str, host: usize) -> Requester {
        let user = (!user.is_empty()).then(|| user.to_owned());
        Requester { user, host: format!("10.0.0.{host}").parse().ok() }
    }

    /// So many places, each taken by whoever comes as long as there is one.
    fn noted(all: &[Requester]) -> Vec<ReviewAsker> {
        let mut noted: Vec<ReviewAsker> = Vec::new();
        for (who, minutes) in all.iter().zip(0..) {
            let asker =
                ReviewAsker::once(who.clone(), Agent::default(), Time::UNIX_EPOCH + TimeDelta::minutes(minutes));
            match noted.iter().any(|of| of.who == *who) {
                true => {}
                false if noted.len() < MOST => noted.push(asker),
                false => {
                    if let Some(at) = gives_way(&noted, who) {
                        noted[at] = asker;
                    }
                }
            }
        }
        noted
    }

    fn told(all: &[Requester]) -> Vec<String> {
        noted(all).iter().map(|asker| asker.who.to_string()).collect()
    }

    #[test]
    fn an_account_on_many_machines_leaves_room_for_others_and_keeps_those_that_asked_first() {
        let farm: Vec<Requester> = (0..300).map(|host| of("ci-1", host)).collect();
        assert_eq!(told(&farm), (0..6).map(|host| format!("ci-1 at 10.0.0.{host}")).collect::<Vec<_>>());
        let mut all = [&farm[..200], &[of("ada", 7), of("", 8)]].concat();
        all.extend_from_slice(&farm[200..]);
        let said = told(&all);
        assert!(said.contains(&"ada at 10.0.0.7".to_owned()) && said.contains(&"10.0.0.8".to_owned()), "{said:?}");
        assert_eq!(said.iter().filter(|of| of.starts_with("ci-1 at 10.0.0.")).count(), 4, "{said:?}");
        assert!(said.contains(&"ci-1 at 10.0.0.0".to_owned()), "whoever asked first stays: {said:?}");
    }

    proptest! {
        /// Whoever asks, once or often: nobody is without a place while another has two more than nobody.
        #[test]
        fn nobody_is_left_out_while_another_has_several_places(all in prop::collection::vec((0..8_usize, 0..9_usize), 1..80)) {
            let all: Vec<Requester> = all.into_iter().map(|(user, host)| of(&format!("u{user}"), host)).collect();
            let noted = noted(&all);
            let places = |user: &Requester| noted.iter().filter(|of| of.who.user == user.user).count();
            prop_assert!(noted.len() <= MOST);
            let (least, most) = (all.iter().map(places).min(), all.iter().map(places).max());
            prop_assert!(least > Some(0) || most <= Some(1), "{:?}", &noted);
        }
    }
}
