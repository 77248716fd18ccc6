//! What is done by a link. Whether it is good is asked in the transaction that does it, so nothing gets worse in between.

use std::fmt;

use chrono::TimeDelta;

use super::addressee::Addressee;
use super::grant::{Grant, LinkAct, opened, sealed};
use super::key::LinkKey;
use super::spent::{Spent, check};
use crate::cases::notify::answered::answered;
use crate::cases::transition::ruling::{RuledCase, Ruling, judge, ruled};
use crate::cases::transition::snooze::{Snooze, snooze};
use crate::model::command::Decision;
use crate::model::timeline::Person;
use crate::model::{Actor, Finding, FindingState, Through, Time};
use crate::store::{StoreError, Tx};
use crate::watchlist::Watchlist;

/// What somebody says by a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkAnswer {
    Acknowledge,
    /// Nobody is reminded for so long.
    Snooze(TimeDelta),
    /// Why it is.
    Harmless(String),
}

/// What stands behind a link that is good.
#[derive(Clone, Debug)]
pub struct LinkedCase {
    pub finding: Finding,
    pub to: Addressee,
    grant: Grant,
}

/// What came of an answer, and who gave it.
#[derive(Clone, Debug)]
pub struct AnsweredCase {
    pub case: RuledCase,
    pub actor: Actor,
}

impl LinkAnswer {
    fn act(&self) -> LinkAct {
        match self {
            Self::Acknowledge => LinkAct::Acknowledge,
            Self::Snooze(_) => LinkAct::Snooze,
            Self::Harmless(_) => LinkAct::Harmless,
        }
    }
}

impl LinkedCase {
    /// The token of a button: good for this act alone, and no longer than the link.
    pub fn token(&self, act: LinkAct, key: &LinkKey) -> String {
        sealed(&Grant { act, ..self.grant }, key)
    }

    /// Who acts by it: the addressee, whoever of them it was.
    pub fn actor(&self) -> Actor {
        Actor { user: Some(self.to.to_string()), through: Through::Link, ..Actor::default() }
    }
}

/// What the link of a message shows. Changes nothing.
pub fn look_by_link(
    tx: &Tx<'_>,
    watchlist: &Watchlist,
    (key, token): (&LinkKey, &str),
    now: Time,
) -> Result<Result<LinkedCase, Spent>, StoreError> {
    found(tx, watchlist, (key, token), LinkAct::Open, now)
}

/// Does what the token of a button grants. A second time it is done already.
pub fn answer_by_link(
    tx: &Tx<'_>,
    watchlist: &Watchlist,
    (key, token): (&LinkKey, &str),
    answer: &LinkAnswer,
    now: Time,
) -> Result<Result<AnsweredCase, Spent>, StoreError> {
    let seen = match found(tx, watchlist, (key, token), answer.act(), now)? {
        Ok(seen) => seen,
        Err(spent) => return Ok(Err(spent)),
    };
    let actor = seen.actor();
    let who = Person { actor: actor.clone(), declared: String::new() };
    let case = match answer {
        LinkAnswer::Acknowledge => acknowledged(tx, seen.finding, who, now)?,
        LinkAnswer::Snooze(length) => snoozed(tx, seen.finding, (who, *length), now)?,
        LinkAnswer::Harmless(why) => harmless(tx, seen.finding, (who, why), now)?,
    };
    Ok(Ok(AnsweredCase { case, actor }))
}

/// The case of a token that is good for this act.
fn found(
    tx: &Tx<'_>,
    watchlist: &Watchlist,
    (key, token): (&LinkKey, &str),
    act: LinkAct,
    now: Time,
) -> Result<Result<LinkedCase, Spent>, StoreError> {
    let Some(grant) = opened(token, key).filter(|grant| grant.act == act) else { return Ok(Err(Spent::Forged)) };
    let Some(finding) = tx.findings().by_id(grant.case)? else { return Ok(Err(Spent::Revoked)) };
    let Some(to) = Addressee::found(&grant.addressee, &finding, watchlist, key) else { return Ok(Err(Spent::Revoked)) };
    Ok(check(&grant, &finding, now).map(|()| LinkedCase { finding, to, grant }))
}

fn acknowledged(tx: &Tx<'_>, finding: Finding, who: Person, now: Time) -> Result<RuledCase, StoreError> {
    judge(tx, finding, &Ruling { decision: Decision::Acknowledge, who, note: None }, now)
}

/// Once: whoever wants to sleep on looks again.
fn snoozed(
    tx: &Tx<'_>,
    finding: Finding,
    (who, length): (Person, TimeDelta),
    now: Time,
) -> Result<RuledCase, StoreError> {
    match finding.snoozed_until {
        Some(until) if until > now => ruled(tx, finding, false),
        _ => snooze(tx, finding, &Snooze { until: now + length, who, note: None }, now),
    }
}

/// It is settled as long as it stands as it does: what is resolved is opened by whatever makes it worse, where what was
/// suppressed would stay quiet.
fn harmless(tx: &Tx<'_>, finding: Finding, (who, why): (Person, &str), now: Time) -> Result<RuledCase, StoreError> {
    if finding.state == FindingState::Resolved {
        return ruled(tx, finding, false);
    }
    let (before, what) = (finding.clone(), format!("was declared harmless by {who}: {why}"));
    let ruling = Ruling { decision: Decision::Resolve, who, note: Some(format!("harmless: {why}")) };
    let case = judge(tx, finding, &ruling, now)?;
    answered(tx, &before, &what, now)?;
    Ok(case)
}

impl fmt::Display for LinkAnswer {
    /// `act=snooze minutes=480`, for the trail.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "act={}", self.act().as_str())?;
        match self {
            Self::Acknowledge => Ok(()),
            Self::Snooze(length) => write!(f, " minutes={}", length.num_minutes()),
            Self::Harmless(why) => write!(f, " reason={why}"),
        }
    }
}
