//! Tokens: what programs show. Each is an account's, may do no more than that, and ends.

use chrono::TimeDelta;

use super::accounts::{accounts_of, may_change};
use super::random::{digest, random};
use super::refusal::AccessRefusal;
use crate::model::{Actor, Role, Time, UserName};
use crate::store::{StoreError, TokenRow, Tx, User};

/// By this scanners for leaked secrets know one.
pub const PREFIX: &str = "nwt_";
/// Longest life, days.
const DAYS: u32 = 366;
/// Longest name, characters.
const NAME_MOST: usize = 64;
/// How exactly it is known when one was last used.
const TOUCH: TimeDelta = TimeDelta::hours(1);

/// A token that somebody asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    pub name: String,
    /// Whose it is to be; `None`: of whoever asks.
    pub user: Option<UserName>,
    pub scope: Role,
    pub days: u32,
}

/// Makes one: as it is kept, and what its program is to show, which nobody sees again.
///
/// # Errors
/// They may not, or the account may less than it.
pub fn create(
    tx: &Tx<'_>,
    (actor, service): (&Actor, Option<u32>),
    wanted: &Wanted,
    now: Time,
) -> Result<(TokenRow, String), AccessRefusal> {
    let visible = !wanted.name.trim().is_empty() && !wanted.name.contains(char::is_control);
    if !visible || wanted.name.chars().count() > NAME_MOST {
        return Err(AccessRefusal::TokenName);
    }
    if !(1..=DAYS).contains(&wanted.days) {
        return Err(AccessRefusal::Expiry(wanted.days));
    }
    let user = owner(tx, actor, wanted)?;
    may_change(tx, actor, service, &user.name, true)?;
    if !user.role.suffices(wanted.scope) {
        return Err(AccessRefusal::Beyond { user: user.name, role: user.role });
    }
    let text = format!("{PREFIX}{}", random()?);
    let ends = now + TimeDelta::days(i64::from(wanted.days));
    let (name, scope) = (wanted.name.trim().to_owned(), wanted.scope);
    let row = TokenRow { id: 0, digest: digest(&text), name, user: user.name, scope, created: now, ends, used: None };
    let id = tx.tokens().add(&row)?;
    Ok((TokenRow { id, ..row }, text))
}

fn owner(tx: &Tx<'_>, actor: &Actor, wanted: &Wanted) -> Result<User, AccessRefusal> {
    match &wanted.user {
        Some(name) => tx.users().get(name)?.ok_or_else(|| AccessRefusal::NoUser(name.clone())),
        None => accounts_of(tx, actor)?.into_iter().next().ok_or_else(|| AccessRefusal::NoAccount(actor.clone())),
    }
}

/// Revokes one, and gives what it was.
///
/// # Errors
/// They may not, or it is not there.
pub fn revoke(tx: &Tx<'_>, actor: &Actor, service: Option<u32>, id: i64) -> Result<TokenRow, AccessRefusal> {
    let row = tx.tokens().get(id)?.ok_or(AccessRefusal::NoToken(id))?;
    may_change(tx, actor, service, &row.user, true)?;
    tx.tokens().revoke(id)?;
    Ok(row)
}

/// A token that is good now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    pub user: User,
    /// What it may do: no more than its account.
    pub role: Role,
    pub id: i64,
    /// It was used a while ago.
    pub is_stale: bool,
}

/// Whose it is, if it is good.
///
/// # Errors
/// When it cannot be read.
pub fn find(tx: &Tx<'_>, text: &str, now: Time) -> Result<Option<Shown>, StoreError> {
    if !text.starts_with(PREFIX) {
        return Ok(None);
    }
    let Some(row) = tx.tokens().by_digest(&digest(text))?.filter(|row| now < row.ends) else { return Ok(None) };
    let is_stale = row.used.is_none_or(|used| now - used >= TOUCH);
    let user = tx.users().get(&row.user)?;
    Ok(user.map(|user| Shown { role: row.scope.min(user.role), user, id: row.id, is_stale }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Through;
    use crate::store::Store;

    fn noon() -> Time {
        chrono::DateTime::from_timestamp(1_800_000_000, 0).expect("a time")
    }

    async fn store(role: Role) -> (tempfile::TempDir, Store) {
        let dir = tempfile::tempdir().expect("a directory");
        let store = Store::open(dir.path()).expect("opens");
        put(&store, role).await;
        (dir, store)
    }

    async fn put(store: &Store, role: Role) {
        let name: UserName = "ada".parse().expect("a name");
        let user = User { name, role, uid: Some(4001), password: None, added: noon(), confirmed: true };
        store.write(move |tx| tx.users().put(&user)).await.expect("stored");
    }

    fn ada() -> Actor {
        Actor { uid: Some(4001), user: Some("ada".to_owned()), through: Through::Session, token: None }
    }

    fn wanted(scope: Role, days: u32) -> Wanted {
        Wanted { name: "ci".to_owned(), user: None, scope, days }
    }

    async fn made(store: &Store, wanted: Wanted) -> Result<(TokenRow, String), String> {
        let create = move |tx: &Tx<'_>| Ok(create(tx, (&ada(), Some(990)), &wanted, noon()).map_err(|e| e.to_string()));
        store.write(create).await.expect("stored")
    }

    async fn role(store: &Store, text: &str, at: Time) -> Option<Role> {
        let text = text.to_owned();
        store.read(move |tx| find(tx, &text, at)).await.expect("read").map(|shown| shown.role)
    }

    #[tokio::test]
    async fn a_token_is_known_until_its_last_second_and_by_its_whole_text() {
        let (_dir, store) = store(Role::Admin).await;
        let (row, text) = made(&store, wanted(Role::Responder, 1)).await.expect("made");
        assert!(text.starts_with(PREFIX) && !row.digest.contains(&text) && row.id > 0);
        let end = noon() + TimeDelta::days(1);
        assert_eq!(role(&store, &text, end - TimeDelta::seconds(1)).await, Some(Role::Responder));
        assert_eq!(role(&store, &text, end).await, None);
        for other in [&text[4..], &text[..46], "", PREFIX, &row.digest, &format!("{text} ")] {
            assert_eq!(role(&store, other, noon()).await, None, "{other:?}");
        }
    }

    #[tokio::test]
    async fn a_token_may_no_more_than_its_account_may_now() {
        let (_dir, store) = store(Role::Admin).await;
        let (_, text) = made(&store, wanted(Role::Admin, 1)).await.expect("made");
        put(&store, Role::Viewer).await;
        assert_eq!(role(&store, &text, noon()).await, Some(Role::Viewer));
        let beyond = made(&store, wanted(Role::Responder, 1)).await.expect_err("beyond");
        assert!(beyond.contains("choose a smaller scope"), "{beyond}");
    }

    #[tokio::test]
    async fn whoever_has_no_account_says_whose_the_token_is() {
        let (_dir, store) = store(Role::Admin).await;
        let root = Actor { uid: Some(0), ..Actor::default() };
        let of = |user: Option<&str>| {
            let user = user.map(|name| name.parse().expect("a name"));
            let (wanted, root) = (Wanted { user, ..wanted(Role::Viewer, 1) }, root.clone());
            let made =
                move |tx: &Tx<'_>| Ok(create(tx, (&root, Some(990)), &wanted, noon()).map_err(|e| e.to_string()));
            store.write(made)
        };
        let refused = of(None).await.expect("asked").expect_err("whose?");
        assert!(refused.contains("write --user NAME"), "{refused}");
        assert_eq!(of(Some("ada")).await.expect("asked").expect("hers").0.user.as_str(), "ada");
    }

    #[tokio::test]
    async fn a_token_has_a_name_and_an_end() {
        let (_dir, store) = store(Role::Viewer).await;
        for days in [0, 367, u32::MAX] {
            assert!(made(&store, wanted(Role::Viewer, days)).await.expect_err("no end").contains("1 to 366 days"));
        }
        for name in ["", " ", "a\nb", &"x".repeat(65)] {
            let nameless = Wanted { name: name.to_owned(), ..wanted(Role::Viewer, 1) };
            assert!(made(&store, nameless).await.expect_err("no name").contains("a token has a name"), "{name:?}");
        }
    }

    #[tokio::test]
    async fn a_token_is_revoked_by_whose_it_is_or_an_admin() {
        let (_dir, store) = store(Role::Viewer).await;
        let (row, text) = made(&store, wanted(Role::Viewer, 1)).await.expect("made");
        let revoked = |actor: Actor| {
            let store = store.clone();
            async move { store.write(move |tx| Ok(revoke(tx, &actor, Some(990), row.id).is_ok())).await.expect("stored") }
        };
        assert!(!revoked(Actor { uid: Some(4003), ..Actor::default() }).await);
        assert!(!revoked(Actor { through: Through::Token, ..ada() }).await, "not by itself");
        assert!(role(&store, &text, noon()).await.is_some());
        assert!(revoked(ada()).await && role(&store, &text, noon()).await.is_none());
        assert!(!revoked(ada()).await, "it is gone");
    }
}
