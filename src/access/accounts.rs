//! Accounts: who may look after them, and what a change ends.
//!
//! Whoever can give an account a password can act as its person. So not everybody at the socket may: else one human could be
//! the two whom a claim needs.

use super::refusal::AccessRefusal;
use crate::model::actor::ActorKind;
use crate::model::{Actor, Role, Through, Time, UserName};
use crate::store::{Tx, User};

/// What is done to an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Amendment {
    /// With the hash of its password, where it has one.
    Add {
        role: Role,
        uid: Option<u32>,
        password: Option<String>,
    },
    Remove,
    Role(Role),
    Password(Option<String>),
}

/// May they look after this account in this way? Root and the daemon's own user may, who can change the store itself; so
/// may whoever has the role of an admin, on the web or as a user of this machine. A password is everybody's own.
///
/// # Errors
/// They may not.
pub fn may_change(
    tx: &Tx<'_>,
    actor: &Actor,
    service: Option<u32>,
    name: &UserName,
    own: bool,
) -> Result<(), AccessRefusal> {
    if actor.through == Through::Token {
        return Err(AccessRefusal::NotAPerson);
    }
    if !actor.is_of_the_web() && matches!(actor.standing(service), ActorKind::Root | ActorKind::Service) {
        return Ok(());
    }
    let theirs = accounts_of(tx, actor)?;
    let is_own = own && theirs.iter().any(|user| user.name == *name);
    match is_own || theirs.iter().any(|user| user.role == Role::Admin) {
        true => Ok(()),
        false => Err(AccessRefusal::NotAnAdmin(actor.clone())),
    }
}

/// The accounts of whoever asks: of a session the one that signed in, at the socket those of that user.
pub fn accounts_of(tx: &Tx<'_>, actor: &Actor) -> Result<Vec<User>, AccessRefusal> {
    if actor.is_of_the_web() {
        let name = actor.user.as_deref().and_then(|name| name.parse::<UserName>().ok());
        return Ok(name.map(|name| tx.users().get(&name)).transpose()?.flatten().into_iter().collect());
    }
    match actor.standing(None) {
        ActorKind::Human(uid) => Ok(tx.users().of_uid(uid)?),
        _ => Ok(Vec::new()),
    }
}

/// Is it the account's by what was done to it, and by whom? Whoever gives it a password can open it, and is its user alone where the
/// kernel says so; nobody who signed in by it has become another than they were.
fn confirmed(user: &User, change: &Amendment, by: &Actor) -> bool {
    let at_the_socket = by.through == Through::Socket && by.user.is_some() && by.uid.is_some() && by.uid == user.uid;
    let signed_in = by.through == Through::Session && by.user.as_deref() == Some(user.name.as_str());
    match change {
        Amendment::Password(_) => at_the_socket || (user.confirmed && signed_in),
        Amendment::Add { .. } => false,
        Amendment::Role(_) | Amendment::Remove => user.confirmed,
    }
}

/// Somebody else can sign in by it from now on: it is nobody's for sure any more.
///
/// # Errors
/// Those of the store.
pub fn doubt(tx: &Tx<'_>, name: &UserName) -> Result<(), AccessRefusal> {
    match tx.users().get(name)? {
        Some(user) => Ok(tx.users().put(&User { confirmed: false, ..user })?),
        None => Ok(()),
    }
}

/// Changes the account, and gives it as it is then, or was. Whoever is signed in by it has to sign in again. With a password
/// its tokens end, too: who knew the old one may have made some, and a program that is refused says so, where a stranger would not.
///
/// # Errors
/// It is not there, or is there already.
pub fn change(
    tx: &Tx<'_>,
    name: &UserName,
    (change, by): (&Amendment, &Actor),
    now: Time,
) -> Result<User, AccessRefusal> {
    let known = tx.users().get(name)?;
    let user = match (known, change) {
        (Some(_), Amendment::Add { .. }) => return Err(AccessRefusal::Exists(name.clone())),
        (None, Amendment::Add { role, uid, password }) => User {
            name: name.clone(),
            role: *role,
            uid: *uid,
            password: password.clone(),
            added: now,
            confirmed: false,
        },
        (None, _) => return Err(AccessRefusal::NoUser(name.clone())),
        (Some(user), Amendment::Role(role)) => User { role: *role, ..user },
        (Some(user), Amendment::Password(password)) => User { password: password.clone(), ..user },
        (Some(user), Amendment::Remove) => user,
    };
    let user = User { confirmed: confirmed(&user, change, by), ..user };
    tx.sessions().end_all(name)?;
    tx.sign_ins().end_all(name)?;
    match change {
        Amendment::Remove => {
            tx.tokens().revoke_all(name)?;
            tx.users().remove(name)?;
        }
        Amendment::Password(_) => {
            tx.tokens().revoke_all(name)?;
            tx.users().put(&user)?;
        }
        Amendment::Add { .. } | Amendment::Role(_) => tx.users().put(&user)?,
    }
    Ok(user)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Store, StoreError, TokenRow};

    fn noon() -> Time {
        chrono::DateTime::from_timestamp(1_800_000_000, 0).expect("a time")
    }

    fn name(text: &str) -> UserName {
        text.parse().expect("a name")
    }

    fn add(role: Role, uid: Option<u32>) -> Amendment {
        Amendment::Add { role, uid, password: None }
    }

    /// Ada is uid 4001 and sees, Bob is uid 4002 and an admin, and Eve is nobody on this machine.
    async fn store() -> (tempfile::TempDir, Store) {
        let dir = tempfile::tempdir().expect("a directory");
        let store = Store::open(dir.path()).expect("opens");
        let people = [("ada", Role::Viewer, Some(4001)), ("bob", Role::Admin, Some(4002)), ("eve", Role::Viewer, None)];
        for (person, role, uid) in people {
            assert!(changed(&store, person, add(role, uid)).await.is_ok());
        }
        (dir, store)
    }

    async fn changed(store: &Store, whose: &str, by: Amendment) -> Result<User, String> {
        changed_by(store, whose, by, at_the_socket(0)).await
    }

    async fn changed_by(store: &Store, whose: &str, to: Amendment, by: Actor) -> Result<User, String> {
        let whose = name(whose);
        let done =
            store.write(move |tx| Ok(change(tx, &whose, (&to, &by), noon()).map_err(|refusal| refusal.to_string())));
        done.await.expect("stored")
    }

    async fn may(store: &Store, actor: Actor, whose: &str, own: bool) -> bool {
        let whose = name(whose);
        store.read(move |tx| Ok(may_change(tx, &actor, Some(990), &whose, own).is_ok())).await.expect("read")
    }

    fn at_the_socket(uid: u32) -> Actor {
        Actor { uid: Some(uid), user: Some(format!("user-{uid}")), ..Actor::default() }
    }

    fn signed_in(account: &str, uid: Option<u32>) -> Actor {
        Actor { uid, user: Some(account.to_owned()), through: Through::Session, token: None }
    }

    #[tokio::test]
    async fn root_the_service_and_admins_look_after_accounts_and_everybody_after_their_own_password() {
        let (_dir, store) = store().await;
        for able in [at_the_socket(0), at_the_socket(990), at_the_socket(4002), signed_in("bob", Some(4002))] {
            assert!(may(&store, able.clone(), "eve", false).await, "{able}");
        }
        let strangers = [
            at_the_socket(4001),
            at_the_socket(4003),
            at_the_socket(65_534),
            Actor::default(),
            signed_in("ada", Some(4001)),
            signed_in("ada", Some(0)),
            signed_in("eve", Some(990)),
            signed_in("nobody", Some(4002)),
            Actor { through: Through::Token, token: Some(1), ..signed_in("bob", Some(4002)) },
        ];
        for stranger in strangers {
            assert!(!may(&store, stranger.clone(), "eve", false).await, "{stranger}");
            assert!(!may(&store, stranger.clone(), "bob", true).await, "{stranger}");
        }
        assert!(
            may(&store, at_the_socket(4001), "ada", true).await
                && may(&store, signed_in("eve", None), "eve", true).await
        );
        assert!(!may(&store, at_the_socket(4001), "ada", false).await, "a role is nobody's own");
    }

    #[tokio::test]
    async fn an_account_is_added_once_and_what_is_not_there_is_not_changed() {
        let (_dir, store) = store().await;
        let said = changed(&store, "ada", add(Role::Admin, None)).await.expect_err("she is there");
        assert!(said.contains("there is an account ada already"), "{said}");
        for amendment in [Amendment::Remove, Amendment::Role(Role::Admin), Amendment::Password(None)] {
            let said = changed(&store, "nobody", amendment.clone()).await.expect_err("nobody");
            assert!(said.contains("there is no account nobody"), "{amendment:?}: {said}");
        }
        let ada = changed(&store, "ada", Amendment::Role(Role::Approver)).await.expect("changed");
        assert_eq!((ada.role, ada.uid, ada.added), (Role::Approver, Some(4001), noon()));
        let ada = changed(&store, "ada", Amendment::Password(Some("hash".to_owned()))).await.expect("changed");
        assert_eq!((ada.role, ada.password.as_deref()), (Role::Approver, Some("hash")));
        assert!(changed(&store, "ada", Amendment::Remove).await.is_ok());
        let left = store.read(|tx| tx.users().behind("", u32::MAX)).await.expect("read");
        assert_eq!(left.iter().map(|user| user.name.as_str()).collect::<Vec<_>>(), ["bob", "eve"]);
    }

    #[tokio::test]
    async fn an_account_is_a_persons_once_they_said_so_at_the_socket_and_until_anybody_else_can_open_it() {
        let (_dir, store) = store().await;
        let password = || Amendment::Password(Some("hash".to_owned()));
        let nameless = Actor { user: None, ..at_the_socket(4001) };
        let others = [at_the_socket(4002), at_the_socket(0), nameless, signed_in("bob", None), signed_in("ada", None)];
        for other in others {
            let user = changed_by(&store, "ada", password(), other.clone()).await.expect("changed");
            assert_eq!(user.person(), None, "{other}");
        }
        let user = changed_by(&store, "ada", password(), at_the_socket(4001)).await.expect("changed");
        assert_eq!(user.person(), Some(4001));
        for kept in [Amendment::Role(Role::Approver), password()] {
            let user = changed_by(&store, "ada", kept, signed_in("ada", Some(4001))).await.expect("changed");
            assert_eq!(user.person(), Some(4001), "it is theirs");
        }
        let ada = name("ada");
        store.write(move |tx| Ok(doubt(tx, &ada).is_ok())).await.expect("stored");
        let user = changed_by(&store, "ada", Amendment::Role(Role::Admin), signed_in("ada", None)).await;
        assert_eq!(user.expect("changed").person(), None, "somebody made a link");
        let user = changed_by(&store, "ada", password(), at_the_socket(4001)).await.expect("changed");
        assert_eq!(user.person(), Some(4001));
        let user = changed_by(&store, "ada", password(), at_the_socket(4002)).await.expect("changed");
        assert_eq!(user.person(), None, "an admin gave it another password");
    }

    #[tokio::test]
    async fn another_password_ends_the_tokens_of_its_account_and_another_role_none() {
        let (_dir, store) = store().await;
        let token = |whose: &str| {
            let (digest, ends) = (whose.to_owned(), noon() + chrono::TimeDelta::days(9));
            let (user, scope) = (name(whose), Role::Viewer);
            TokenRow { id: 0, digest, name: "ci".into(), user, scope, created: noon(), ends, used: None }
        };
        let (ada, bob) = (token("ada"), token("bob"));
        store.write(move |tx| tx.tokens().add(&ada).and(tx.tokens().add(&bob)).map(drop)).await.expect("stored");
        let left = async || store.read(|tx| Ok(tx.tokens().all()?.len())).await.expect("read");
        changed(&store, "ada", Amendment::Role(Role::Responder)).await.expect("changed");
        assert_eq!(left().await, 2);
        changed(&store, "ada", Amendment::Password(Some("hash".to_owned()))).await.expect("changed");
        let whose = store.read(|tx| tx.tokens().all()).await.expect("read");
        assert_eq!(whose.iter().map(|token| token.user.as_str()).collect::<Vec<_>>(), ["bob"]);
    }

    #[tokio::test]
    async fn two_accounts_may_be_one_person() {
        let (_dir, store) = store().await;
        changed(&store, "ada-admin", add(Role::Admin, Some(4001))).await.expect("added");
        let theirs = store.read(|tx| {
            let theirs = accounts_of(tx, &at_the_socket(4001)).map_err(|_| StoreError::Closed)?;
            Ok(theirs.iter().map(|user| user.name.to_string()).collect::<Vec<_>>())
        });
        assert_eq!(theirs.await.expect("read"), ["ada", "ada-admin"]);
        assert!(may(&store, at_the_socket(4001), "eve", false).await, "one of them is an admin");
        assert!(
            !may(&store, signed_in("ada", Some(4001)), "eve", false).await,
            "and signs in as one when it takes one"
        );
    }
}
