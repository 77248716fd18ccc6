//! Closes what a person closes: of what stands at PyPI in our name, a person who can be named.

use super::lists;
use super::refusal::Refusal;
use super::reply::{Reply, reply};
use super::service::CommandService;
use crate::access::AccessRefusal;
use crate::cases::{self, Acknowledged, Looked};
use crate::model::claim::Party;
use crate::model::health::HealthCase;
use crate::model::{Actor, Through};
use crate::store::Tx;

impl CommandService {
    pub(super) async fn acknowledge(
        &self,
        actor: &Actor,
        case: String,
        (who, note): (&str, Option<String>),
    ) -> Result<Reply, Refusal> {
        let key = case.clone();
        let open = self.store.read(move |tx| lists::health_case(tx, &key));
        let Some((HealthCase { issue, .. }, mut unwell)) = open.await? else { return Err(Refusal::NoCase(case)) };
        if actor.through == Through::Token && issue.takes_a_person() {
            return Err(AccessRefusal::NotAPerson.into());
        }
        let (desk, who) = (self.desk(), actor.declaring(who));
        let (policy, now) = (desk.policy.clone(), desk.now);
        let looked = Looked { who, by: Party::from(actor), policy, note };
        let close = move |tx: &Tx<'_>| cases::acknowledge(tx, &desk.watchlist, &issue, &looked, now);
        match self.store.write(close).await? {
            Acknowledged::Closed => {}
            Acknowledged::NotByHand => return Err(Refusal::NotByHand(case)),
            Acknowledged::Refused(refusal) => return Err(Refusal::Claim(refusal.to_string())),
        }
        self.bells.deliver();
        unwell.issue.until = Some(now);
        reply(unwell)
    }
}
