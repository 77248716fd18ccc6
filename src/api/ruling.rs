//! What people decide about cases: each on its own, by whoever asks.

use chrono::TimeDelta;

use super::refusal::Refusal;
use super::reply::{Reply, reply};
use super::service::CommandService;
use super::v1::{self, Decision};
use crate::cases::{self, LONGEST_SNOOZE, Ruling, Snooze};
use crate::model::timeline::Person;
use crate::model::{Actor, CaseRef};

/// The name that was given, and their words.
type Said = (String, Option<String>);

impl CommandService {
    pub(super) async fn judge(
        &self,
        actor: &Actor,
        cases: Vec<String>,
        decision: Decision,
        (declared, note): Said,
    ) -> Result<Reply, Refusal> {
        let who = Person { actor: actor.clone(), declared };
        let (ruling, now) = (Ruling { decision: decision.into(), who, note }, self.clock.now());
        let cases: Vec<CaseRef> = cases.into_iter().map(CaseRef).collect();
        let ruled = self.store.write(move |tx| cases::judge_each(tx, &cases, &ruling, now)).await?;
        reply(ruled.iter().map(v1::Ruled::from).collect::<Vec<_>>())
    }

    pub(super) async fn snooze(
        &self,
        actor: &Actor,
        cases: Vec<String>,
        minutes: u32,
        (declared, note): Said,
    ) -> Result<Reply, Refusal> {
        let (length, now) = (TimeDelta::minutes(i64::from(minutes)), self.clock.now());
        if minutes == 0 || length > LONGEST_SNOOZE {
            let why = "write a minute at least, and 7 days at most; whoever needs longer acknowledges it".to_owned();
            return Err(Refusal::BadValue { what: "minutes", value: minutes.to_string(), why });
        }
        let snooze = Snooze { until: now + length, who: Person { actor: actor.clone(), declared }, note };
        let cases: Vec<CaseRef> = cases.into_iter().map(CaseRef).collect();
        let ruled = self.store.write(move |tx| cases::snooze_each(tx, &cases, &snooze, now)).await?;
        self.bells.deliver();
        reply(ruled.iter().map(v1::Ruled::from).collect::<Vec<_>>())
    }
}
