//! Sessions: begun when somebody signs in, good until they are not used or too old, and ended by hand.
//!
//! What an account may do is read anew at every request, so a role that was taken away is gone at once.

use std::time::Duration;

use chrono::TimeDelta;

use super::random::digest;
use crate::model::{Time, UserName};
use crate::store::{SessionRow, StoreError, Tx, User};

/// How exactly it is known when a session was last used: no page writes more often.
const TOUCH: TimeDelta = TimeDelta::minutes(1);

/// Browsers in which one account is signed in: beyond them those go that were used least lately.
const MOST: i64 = 50;

/// How long a session is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    /// Without a request.
    pub idle: Duration,
    /// In all.
    pub length: Duration,
}

/// A session that is good now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    pub user: User,
    /// It was used a while ago: whoever asked may say so with [`used`].
    pub is_stale: bool,
}

/// Signs somebody in; `cookie` is new, and nobody else has seen it.
///
/// # Errors
/// When it cannot be stored.
pub fn begin(tx: &Tx<'_>, cookie: &str, user: &UserName, validity: Validity, now: Time) -> Result<(), StoreError> {
    let (digest, user) = (digest(cookie), user.clone());
    let ends = now + delta(validity.length);
    tx.sessions().add(&SessionRow { digest, user: user.clone(), started: now, used: now, ends })?;
    tx.sessions().keep(&user, MOST)
}

/// Whose session this is, if it is good.
///
/// # Errors
/// When it cannot be read.
pub fn find(tx: &Tx<'_>, cookie: &str, validity: Validity, now: Time) -> Result<Option<Signed>, StoreError> {
    let session = tx.sessions().get(&digest(cookie))?.filter(|session| is_good(session, validity, now));
    let Some(session) = session else { return Ok(None) };
    let is_stale = now - session.used >= TOUCH;
    Ok(tx.users().get(&session.user)?.map(|user| Signed { user, is_stale }))
}

/// It is used now.
///
/// # Errors
/// When it cannot be stored.
pub fn used(tx: &Tx<'_>, cookie: &str, now: Time) -> Result<(), StoreError> {
    tx.sessions().touch(&digest(cookie), now)
}

/// Signs this browser out.
///
/// # Errors
/// When it cannot be stored.
pub fn end(tx: &Tx<'_>, cookie: &str) -> Result<(), StoreError> {
    tx.sessions().end(&digest(cookie))
}

/// A configuration that shortens sessions shortens those that there are.
fn is_good(session: &SessionRow, validity: Validity, now: Time) -> bool {
    let ends = session.ends.min(session.started + delta(validity.length));
    now < ends && now < session.used + delta(validity.idle)
}

fn delta(length: Duration) -> TimeDelta {
    TimeDelta::from_std(length).unwrap_or(TimeDelta::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Role;
    use crate::store::Store;

    const VALIDITY: Validity = Validity { idle: Duration::from_hours(1), length: Duration::from_hours(3) };

    fn noon() -> Time {
        chrono::DateTime::from_timestamp(1_800_000_000, 0).expect("a time")
    }

    fn ada() -> User {
        let name = "ada".parse().expect("a name");
        User { name, role: Role::Viewer, uid: None, password: None, added: noon(), confirmed: false }
    }

    async fn store() -> (tempfile::TempDir, Store) {
        let dir = tempfile::tempdir().expect("a directory");
        let store = Store::open(dir.path()).expect("opens");
        let begun = store.write(|tx| {
            tx.users().put(&ada())?;
            begin(tx, "cookie", &ada().name, VALIDITY, noon())
        });
        begun.await.expect("begun");
        (dir, store)
    }

    async fn good(store: &Store, cookie: &'static str, minutes: i64) -> bool {
        let found = store.read(move |tx| find(tx, cookie, VALIDITY, noon() + TimeDelta::minutes(minutes)));
        found.await.expect("read").is_some()
    }

    #[tokio::test]
    async fn a_session_ends_when_it_is_not_used_and_however_it_is_used() {
        let (_dir, store) = store().await;
        assert!(good(&store, "cookie", 59).await && !good(&store, "cookie", 60).await);
        assert!(!good(&store, "Cookie", 0).await && !good(&store, "", 0).await);
        for minutes in [50, 100, 150] {
            assert!(good(&store, "cookie", minutes).await, "used until then");
            let touch = move |tx: &Tx<'_>| used(tx, "cookie", noon() + TimeDelta::minutes(minutes));
            store.write(touch).await.expect("stored");
        }
        assert!(good(&store, "cookie", 179).await && !good(&store, "cookie", 180).await);
    }

    #[tokio::test]
    async fn a_session_is_nobodys_without_its_account_and_has_the_role_of_now() {
        let (_dir, store) = store().await;
        let raise = |tx: &Tx<'_>| tx.users().put(&User { role: Role::Admin, ..ada() });
        store.write(raise).await.expect("stored");
        let found = store.read(|tx| find(tx, "cookie", VALIDITY, noon())).await.expect("read");
        assert_eq!(found.map(|signed| (signed.user.role, signed.is_stale)), Some((Role::Admin, false)));
        store.write(|tx| tx.users().remove(&ada().name).map(drop)).await.expect("stored");
        assert!(!good(&store, "cookie", 0).await);
    }

    #[tokio::test]
    async fn an_account_has_so_many_sessions_and_that_which_begins_is_one_of_them() {
        let (_dir, store) = store().await;
        let more = |tx: &Tx<'_>| {
            let one = |n: i64| begin(tx, &n.to_string(), &ada().name, VALIDITY, noon() + TimeDelta::seconds(n));
            used(tx, "cookie", noon() + TimeDelta::minutes(30))?;
            (1..=MOST).try_for_each(one)
        };
        store.write(more).await.expect("stored");
        assert!(good(&store, "cookie", 0).await, "it is used");
        assert!(!good(&store, "1", 0).await && good(&store, "2", 0).await && good(&store, "50", 0).await);
    }

    #[tokio::test]
    async fn whoever_signs_out_is_out() {
        let (_dir, store) = store().await;
        store.write(|tx| end(tx, "cookie")).await.expect("stored");
        assert!(!good(&store, "cookie", 0).await);
    }
}
