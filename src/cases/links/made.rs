//! The links of a message that is being made.

use chrono::TimeDelta;

use super::addressee::Addressee;
use super::grant::{Grant, LinkAct, sealed};
use super::key::LinkKey;
use crate::config::Settings;
use crate::model::{AnswerLink, Finding, Time};
use crate::watchlist::Watchlist;

/// What links are made with.
#[derive(Clone, Debug)]
pub struct Links {
    key: LinkKey,
    /// Of the web, without a slash at its end.
    base: String,
    lifetime: TimeDelta,
}

/// Where answers are given, on the web.
pub const ANSWER_PATH: &str = "/answer/";

impl Links {
    pub fn new(key: LinkKey, base: String, lifetime: TimeDelta) -> Self {
        Self { key, base, lifetime }
    }

    /// `None` where the configuration asks for none.
    pub fn of(settings: &Settings) -> Option<Self> {
        let key = settings.web.link_key.as_ref().and_then(LinkKey::of)?;
        let lifetime = TimeDelta::from_std(settings.web.link_lifetime).ok()?;
        Some(Self::new(key, settings.web.address()?, lifetime))
    }

    /// The link of one case for one addressee; `None` of a case that nobody has to answer.
    pub fn link(&self, finding: &Finding, to: &Addressee, watchlist: &Watchlist, now: Time) -> Option<AnswerLink> {
        let case = finding.id.filter(|_| finding.state.is_live() && to.channel.carries_links())?;
        let grant = Grant {
            act: LinkAct::Open,
            case,
            edition: finding.edition,
            ends: (now + self.lifetime).timestamp(),
            addressee: to.digest(&finding.key, watchlist, &self.key),
        };
        Some(AnswerLink::new(format!("{}{ANSWER_PATH}{}", self.base, sealed(&grant, &self.key))))
    }
}
