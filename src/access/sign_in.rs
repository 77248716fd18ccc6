//! Links that sign in once: for whoever sets it up, and for whoever has lost a password.

use chrono::TimeDelta;

use super::random::{digest, random};
use super::refusal::AccessRefusal;
use crate::model::{Time, UserName};
use crate::store::{StoreError, Tx, User};

/// How long a link is good.
pub const GOOD_FOR: TimeDelta = TimeDelta::minutes(15);

/// The code of a new link, and until when it is good.
///
/// # Errors
/// There is no such account.
pub fn link(tx: &Tx<'_>, name: &UserName, now: Time) -> Result<(String, Time), AccessRefusal> {
    let user = tx.users().get(name)?.ok_or_else(|| AccessRefusal::NoUser(name.clone()))?;
    let (code, ends) = (random()?, now + GOOD_FOR);
    tx.sign_ins().add(&digest(&code), &user.name, ends)?;
    Ok((code, ends))
}

/// May this be the code of a link? Whoever makes up codes must not keep the writer busy.
///
/// # Errors
/// When it cannot be read.
pub fn is_known(tx: &Tx<'_>, code: &str) -> Result<bool, StoreError> {
    tx.sign_ins().is_there(&digest(code))
}

/// Whom it signs in, if it is good. It is not afterwards.
///
/// # Errors
/// When it cannot be stored.
pub fn taken(tx: &Tx<'_>, code: &str, now: Time) -> Result<Option<User>, StoreError> {
    match tx.sign_ins().take(&digest(code))? {
        Some((name, ends)) if now < ends => tx.users().get(&name),
        _ => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Role;
    use crate::store::Store;

    fn noon() -> Time {
        chrono::DateTime::from_timestamp(1_800_000_000, 0).expect("a time")
    }

    #[tokio::test]
    async fn a_link_is_good_once_for_a_quarter_of_an_hour_and_for_no_other_account() {
        let dir = tempfile::tempdir().expect("a directory");
        let store = Store::open(dir.path()).expect("opens");
        let name: UserName = "ada".parse().expect("a name");
        let user =
            User { name: name.clone(), role: Role::Viewer, uid: None, password: None, added: noon(), confirmed: false };
        store.write(move |tx| tx.users().put(&user)).await.expect("stored");
        let made = |whose: UserName| {
            let store = store.clone();
            async move { store.write(move |tx| Ok(link(tx, &whose, noon()).ok())).await.expect("stored") }
        };
        let used = |code: String, at: Time| {
            let store = store.clone();
            async move { store.write(move |tx| taken(tx, &code, at)).await.expect("stored").is_some() }
        };
        let (code, ends) = made(name.clone()).await.expect("a link");
        assert_eq!(ends, noon() + GOOD_FOR);
        assert!(!used("another".to_owned(), noon()).await && used(code.clone(), noon()).await);
        assert!(!used(code, noon()).await, "once");
        let (late, ends) = made(name.clone()).await.expect("a link");
        assert!(!used(late.clone(), ends).await && !used(late, noon()).await, "too late is used, too");
        assert!(made("eve".parse().expect("a name")).await.is_none());
        let (ended, _) = made(name.clone()).await.expect("a link");
        store.write(move |tx| tx.sign_ins().end_all(&name)).await.expect("stored");
        assert!(!used(ended, noon()).await);
    }
}
