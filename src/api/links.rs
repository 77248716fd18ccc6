//! What comes by the links of messages: no account is behind them, so they ask no command, and do what a link may and no more.

use super::refusal::Refusal;
use super::service::CommandService;
use super::under_way::see_through;
use crate::cases::{AnsweredCase, LinkAnswer, LinkKey, LinkedCase, Spent, answer_by_link, look_by_link};
use crate::model::Actor;
use crate::store::StoreError;

/// Longest token that is looked at; ours have 94 letters.
const LONGEST: usize = 200;

impl CommandService {
    /// What a link shows. Changes nothing.
    ///
    /// # Errors
    /// When the store cannot be read. Why a link is good no longer is no error.
    pub async fn look_by_link(&self, token: String) -> Result<Result<LinkedCase, Spent>, StoreError> {
        let Some(key) = self.link_key().filter(|_| token.len() <= LONGEST) else { return Ok(Err(Spent::Forged)) };
        let (watchlist, now) = (self.watchlist.borrow().clone(), self.clock.now());
        self.store.read(move |tx| look_by_link(tx, &watchlist, (&key, &token), now)).await
    }

    /// Answers by the token of a button, to the end, also when whoever pressed it has gone. What was said, and by whom, is in the
    /// trail; the token is nowhere.
    ///
    /// # Errors
    /// As a command has them.
    pub async fn answer_by_link(
        &self,
        token: String,
        answer: LinkAnswer,
    ) -> Result<Result<AnsweredCase, Spent>, Refusal> {
        let Some(key) = self.link_key().filter(|_| token.len() <= LONGEST) else { return Ok(Err(Spent::Forged)) };
        let service = self.clone();
        see_through(&self.undertakings, async move { service.answer_by_link_here((key, token), answer).await }).await?
    }

    async fn answer_by_link_here(
        &self,
        (key, token): (LinkKey, String),
        answer: LinkAnswer,
    ) -> Result<Result<AnsweredCase, Spent>, Refusal> {
        let (watchlist, now, said) = (self.watchlist.borrow().clone(), self.clock.now(), answer.clone());
        let write = move |tx: &crate::store::Tx<'_>| answer_by_link(tx, &watchlist, (&key, &token), &said, now);
        let answered = match self.store.write(write).await? {
            Ok(answered) => answered,
            Err(spent) => return Ok(Err(spent)),
        };
        self.written_down(&answered.actor, &answered, &answer).await;
        self.bells.deliver();
        Ok(Ok(answered))
    }

    /// That of the buttons, where links are asked for.
    pub fn link_key(&self) -> Option<LinkKey> {
        self.settings.borrow().web.link_key.as_ref().and_then(LinkKey::of)
    }

    async fn written_down(&self, actor: &Actor, of: &AnsweredCase, answer: &LinkAnswer) {
        let case = of.case.id.map_or_else(|| of.case.key.to_string(), |id| id.to_string());
        let outcome = if of.case.changed { "done" } else { "it stood so already" };
        self.noted(actor, "answer", outcome, &format!("case={case} {answer}")).await;
    }
}
