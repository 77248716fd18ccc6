//! Answers what people ask about accounts, links that sign in, and tokens.

use super::cursor::List;
use super::lists::{AT_ONCE, most};
use super::refusal::Refusal;
use super::reply::{Reply, reply};
use super::service::CommandService;
use super::v1::{self, AccountChange, AccountRole};
use crate::access::accounts;
use crate::access::{AccessRefusal, password, sign_in, token};
use crate::model::{Actor, UserName};
use crate::socket::peer;
use crate::store::{StoreError, Tx};

/// Where a link that signs in once leads.
pub(super) const ONCE: &str = "/login/once";

impl CommandService {
    pub(super) async fn users(&self, after: Option<String>, limit: Option<usize>) -> Result<Reply, Refusal> {
        let after = List::Users.place(after)?.map(|[name]| name).unwrap_or_default();
        let most = most(limit, AT_ONCE);
        let users = self.store.read(move |tx| tx.users().behind(&after, most as u32 + 1)).await?;
        reply(List::Users.page(users.iter().map(v1::Account::from), most, |account| vec![account.name.clone()]))
    }

    pub(super) async fn user_change(&self, actor: &Actor, name: &str, change: AccountChange) -> Result<Reply, Refusal> {
        let name = user(name)?;
        let own = matches!(change, AccountChange::Password { .. });
        self.may_change(actor, &name, own).await?;
        if let Some(given) = change.password() {
            password::check(given, &name)?;
        }
        let hash = hashed(change.password().map(str::to_owned)).await?;
        let (change, now, by) = (change.hashed(hash), self.clock.now(), actor.clone());
        let changed = self.store.write(move |tx| {
            let allowed = accounts::may_change(tx, &by, peer::own_uid(), &name, own);
            let before = tokens_of(tx, &name)?;
            let user = settled(allowed.and_then(|()| accounts::change(tx, &name, (&change, &by), now)))?;
            let after = tokens_of(tx, &name)?;
            Ok(user.map(|user| (user, before.into_iter().filter(|token| !after.contains(token)).collect::<Vec<_>>())))
        });
        let (user, ended) = changed.await??;
        reply(v1::Account {
            tokens_ended: ended.into_iter().map(|(_, name)| name).collect(),
            ..v1::Account::from(&user)
        })
    }

    /// Before a password is hashed, which costs.
    async fn may_change(&self, actor: &Actor, name: &UserName, own: bool) -> Result<(), Refusal> {
        let (by, name) = (actor.clone(), name.clone());
        let allowed = move |tx: &Tx<'_>| settled(accounts::may_change(tx, &by, peer::own_uid(), &name, own));
        Ok(self.store.read(allowed).await??)
    }

    pub(super) async fn user_link(&self, actor: &Actor, name: &str) -> Result<Reply, Refusal> {
        let (name, by, now) = (user(name)?, actor.clone(), self.clock.now());
        let whose = name.clone();
        let made = self.store.write(move |tx| {
            let allowed = accounts::may_change(tx, &by, peer::own_uid(), &whose, false);
            let doubted = allowed.and_then(|()| accounts::doubt(tx, &whose));
            settled(doubted.and_then(|()| sign_in::link(tx, &whose, now)))
        });
        let (code, until) = made.await??;
        let path = format!("{ONCE}?code={code}");
        let url = self.settings.borrow().web.public_url.as_ref().map(|base| format!("{base}{path}"));
        reply(v1::SignInLink { name: name.to_string(), path, url, until })
    }

    pub(super) async fn tokens(&self, after: Option<String>, limit: Option<usize>) -> Result<Reply, Refusal> {
        let place = List::Tokens.place(after)?.map(|[id]| id.parse::<i64>()).transpose();
        let after = place.map_err(|_| Refusal::BadCursor("tokens"))?.unwrap_or(0);
        let most = most(limit, AT_ONCE);
        let tokens = self.store.read(move |tx| tx.tokens().behind(after, most as u32 + 1)).await?;
        reply(List::Tokens.page(tokens.iter().map(v1::ApiToken::from), most, |token| vec![token.id.to_string()]))
    }

    pub(super) async fn token_create(
        &self,
        actor: &Actor,
        name: String,
        whose: Option<String>,
        (scope, days): (AccountRole, u32),
    ) -> Result<Reply, Refusal> {
        let user = whose.as_deref().map(user).transpose()?;
        let (wanted, by, now) =
            (token::Wanted { name, user, scope: scope.into(), days }, actor.clone(), self.clock.now());
        let create = move |tx: &Tx<'_>| settled(token::create(tx, (&by, peer::own_uid()), &wanted, now));
        let (row, text) = self.store.write(create).await??;
        reply(v1::ApiToken { token: Some(text), ..v1::ApiToken::from(&row) })
    }

    pub(super) async fn token_revoke(&self, actor: &Actor, id: i64) -> Result<Reply, Refusal> {
        let by = actor.clone();
        let revoked = self.store.write(move |tx| settled(token::revoke(tx, &by, peer::own_uid(), id)));
        reply(v1::ApiToken::from(&revoked.await??))
    }
}

/// By number, and what people call each.
fn tokens_of(tx: &Tx<'_>, name: &UserName) -> Result<Vec<(i64, String)>, StoreError> {
    let all = tx.tokens().all()?.into_iter().filter(|token| token.user == *name);
    Ok(all.map(|token| (token.id, token.name)).collect())
}

/// What fails in the store fails the transaction; what is refused has changed nothing.
fn settled<T>(done: Result<T, AccessRefusal>) -> Result<Result<T, AccessRefusal>, StoreError> {
    match done {
        Err(AccessRefusal::Store(error)) => Err(error),
        done => Ok(done),
    }
}

async fn hashed(given: Option<String>) -> Result<Option<String>, Refusal> {
    let Some(given) = given else { return Ok(None) };
    let hash = tokio::task::spawn_blocking(move || password::hashed(&given)).await;
    Ok(Some(hash.map_err(|_| Refusal::Stopping)??))
}

fn user(name: &str) -> Result<UserName, Refusal> {
    name.parse().map_err(|error: crate::model::access::AccessError| Refusal::BadValue {
        what: "account",
        value: name.to_owned(),
        why: error.to_string(),
    })
}
