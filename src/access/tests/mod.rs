//! Who may what, after whatever was done to accounts, tokens, sessions and links: never more than what was said last, held to a plain
//! model.

mod said;

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::sample::select;

use super::accounts::{Amendment, change, doubt, may_change};
use super::session::{self, Validity};
use super::sign_in;
use super::token::{self, Wanted};
use crate::model::{Actor, Role, Through, UserName};
use crate::store::{Store, StoreError, Tx};
use said::{Asking, Person, SERVICE, Said, SaidLink, SaidSession, SaidToken};

const NAMES: [&str; 3] = ["ada", "bob", "eve"];
const VALIDITY: Validity =
    Validity { idle: std::time::Duration::from_hours(8), length: std::time::Duration::from_hours(48) };

#[derive(Clone, Debug)]
enum Act {
    Add(&'static str, Role, Option<u32>),
    Remove(&'static str),
    Role(&'static str, Role),
    Password(&'static str),
    Token {
        whose: Option<&'static str>,
        scope: Role,
        days: u32,
    },
    /// The one of this number among all that there ever were.
    Revoke(usize),
    SignIn(&'static str),
    Link(&'static str),
    Open(usize),
    Hours(i64),
}

fn act() -> impl Strategy<Value = Act> {
    let (name, role) = (select(NAMES.to_vec()), select(Role::ALL.to_vec()));
    let uid = select(vec![None, Some(4001), Some(4002)]);
    let token = (prop::option::of(name.clone()), role.clone(), select(vec![0, 1, 2, 366, 367]))
        .prop_map(|(whose, scope, days)| Act::Token { whose, scope, days });
    prop_oneof![
        3 => (name.clone(), role.clone(), uid).prop_map(|(name, role, uid)| Act::Add(name, role, uid)),
        1 => name.clone().prop_map(Act::Remove),
        2 => (name.clone(), role).prop_map(|(name, role)| Act::Role(name, role)),
        1 => name.clone().prop_map(Act::Password),
        4 => token,
        1 => (0..6_usize).prop_map(Act::Revoke),
        2 => name.clone().prop_map(Act::SignIn),
        1 => name.prop_map(Act::Link),
        1 => (0..4_usize).prop_map(Act::Open),
        2 => select(vec![1, 9, 25]).prop_map(Act::Hours),
    ]
}

fn asking() -> impl Strategy<Value = Asking> {
    prop_oneof![
        3 => select(vec![0, SERVICE, 4001, 4002, 4003, 65_534]).prop_map(Asking::User),
        3 => select(NAMES.to_vec()).prop_map(Asking::Signed),
        1 => select(NAMES.to_vec()).prop_map(Asking::Program),
    ]
}

fn name(text: &str) -> UserName {
    text.parse().expect("a name")
}

fn actor(asking: Asking, said: &Said) -> Actor {
    match asking {
        Asking::User(uid) => Actor { uid: Some(uid), user: Some(format!("user-{uid}")), ..Actor::default() },
        Asking::Signed(account) | Asking::Program(account) => {
            let uid = said.people.get(account).and_then(|person| person.uid);
            let through = if matches!(asking, Asking::Signed(_)) { Through::Session } else { Through::Token };
            Actor { uid, user: Some(account.to_owned()), through, token: None }
        }
    }
}

/// Does it as a command does. What is refused changes nothing.
fn done(tx: &Tx<'_>, said: &mut Said, asking: Asking, act: &Act) -> Result<(), StoreError> {
    let (by, now) = (actor(asking, said), said.now());
    match act {
        Act::Add(..) | Act::Remove(_) | Act::Role(..) | Act::Password(_) => amended(tx, said, (asking, &by), act),
        Act::Token { whose, scope, days } => {
            let wanted = Wanted { name: "ci".to_owned(), user: whose.map(name), scope: *scope, days: *days };
            let made = token::create(tx, (&by, Some(SERVICE)), &wanted, now);
            let whose = whose.or_else(|| said.accounts(asking).first().map(|(name, _)| *name));
            let person = whose.and_then(|whose| said.people.get(whose));
            let fits = (1..=366).contains(days) && person.is_some_and(|person| person.role >= *scope);
            assert_eq!(
                made.is_ok(),
                fits && whose.is_some_and(|whose| said.may(asking, whose, true)),
                "{asking:?} {act:?}"
            );
            if let Ok((row, text)) = made {
                let until = said.hours + 24 * i64::from(*days);
                said.tokens.push(SaidToken { id: row.id, text, whose, scope: *scope, until });
            }
            Ok(())
        }
        Act::Revoke(at) => {
            let Some((id, whose)) = said.tokens.get(*at).map(|token| (token.id, token.whose)) else { return Ok(()) };
            let gone = token::revoke(tx, &by, Some(SERVICE), id).is_ok();
            assert_eq!(gone, whose.is_some_and(|whose| said.may(asking, whose, true)), "{asking:?} {act:?}");
            said.tokens[*at].whose = whose.filter(|_| !gone);
            Ok(())
        }
        Act::SignIn(whose) if said.people.contains_key(whose) => {
            let cookie = format!("cookie-{}", said.sessions.len());
            session::begin(tx, &cookie, &name(whose), VALIDITY, now)?;
            said.sessions.push(SaidSession { cookie, whose: Some(whose), began: said.hours });
            Ok(())
        }
        Act::SignIn(_) => Ok(()),
        Act::Link(whose) => linked(tx, said, (asking, &by), whose),
        Act::Open(at) => opened(tx, said, *at),
        Act::Hours(hours) => {
            said.hours += hours;
            Ok(())
        }
    }
}

fn amended(tx: &Tx<'_>, said: &mut Said, (asking, by): (Asking, &Actor), act: &Act) -> Result<(), StoreError> {
    let (whose, amendment) = match act {
        Act::Add(whose, role, uid) => (*whose, Amendment::Add { role: *role, uid: *uid, password: None }),
        Act::Remove(whose) => (*whose, Amendment::Remove),
        Act::Role(whose, role) => (*whose, Amendment::Role(*role)),
        Act::Password(whose) => (*whose, Amendment::Password(Some("hash".to_owned()))),
        other => panic!("{other:?} is done to no account"),
    };
    let own = matches!(act, Act::Password(_));
    let may = may_change(tx, by, Some(SERVICE), &name(whose), own);
    assert_eq!(may.is_ok(), said.may(asking, whose, own), "{asking:?} {act:?}");
    let is_there = said.people.contains_key(whose);
    let changed = may.and_then(|()| change(tx, &name(whose), (&amendment, by), said.now())).is_ok();
    assert_eq!(changed, said.may(asking, whose, own) && is_there != matches!(act, Act::Add(..)), "{act:?}");
    if !changed {
        return Ok(());
    }
    said.end(whose, matches!(act, Act::Remove(_) | Act::Password(_)));
    match act {
        Act::Add(_, role, uid) => drop(said.people.insert(whose, Person { role: *role, uid: *uid })),
        Act::Remove(_) => drop(said.people.remove(whose)),
        Act::Role(_, role) => said.people.get_mut(whose).into_iter().for_each(|person| person.role = *role),
        _ => {}
    }
    Ok(())
}

fn linked(tx: &Tx<'_>, said: &mut Said, (asking, by): (Asking, &Actor), whose: &'static str) -> Result<(), StoreError> {
    let may = may_change(tx, by, Some(SERVICE), &name(whose), false).and_then(|()| doubt(tx, &name(whose)));
    assert_eq!(may.is_ok(), said.may(asking, whose, false), "{asking:?} {whose}");
    if may.is_ok() {
        let made = sign_in::link(tx, &name(whose), said.now());
        assert_eq!(made.is_ok(), said.people.contains_key(whose));
        let made = made.into_iter().map(|(code, _)| SaidLink { code, whose: Some(whose), made: said.hours });
        said.links.extend(made);
    }
    Ok(())
}

/// Once, within a quarter of an hour, and never once its account was changed.
fn opened(tx: &Tx<'_>, said: &mut Said, at: usize) -> Result<(), StoreError> {
    let now = said.now();
    let Some(link) = said.links.get_mut(at) else { return Ok(()) };
    let user = sign_in::taken(tx, &link.code, now)?.map(|user| user.name.to_string());
    let good = link.whose.take().filter(|_| link.made == said.hours);
    assert_eq!(user.as_deref(), good);
    Ok(())
}

/// Everything that was ever given out does what was said last, and no more.
fn nothing_is_more_than_was_said(tx: &Tx<'_>, said: &Said) -> Result<(), StoreError> {
    let now = said.now();
    for token in &said.tokens {
        let found = token::find(tx, &token.text, now)?;
        assert_eq!(found.map(|shown| shown.role), said.role_of(token), "token {}", token.id);
    }
    for session in &said.sessions {
        let found = session::find(tx, &session.cookie, VALIDITY, now)?;
        let wanted = session.whose.filter(|_| said.is_in(session)).map(|whose| (whose, said.people[whose].role));
        let found = found.map(|signed| (signed.user.name.to_string(), signed.user.role));
        assert_eq!(found.as_ref().map(|(name, role)| (name.as_str(), *role)), wanted, "{}", session.cookie);
    }
    let kept: BTreeMap<String, Person> = (tx.users().behind("", u32::MAX)?.into_iter())
        .map(|user| (user.name.to_string(), Person { role: user.role, uid: user.uid }))
        .collect();
    assert_eq!(kept, said.people.iter().map(|(name, person)| ((*name).to_owned(), *person)).collect());
    Ok(())
}

/// From a store without anybody.
fn played(tx: &Tx<'_>, acts: &[(Asking, Act)]) -> Result<(), StoreError> {
    for whose in NAMES.map(name) {
        tx.tokens().revoke_all(&whose)?;
        tx.sessions().end_all(&whose)?;
        tx.sign_ins().end_all(&whose)?;
        tx.users().remove(&whose)?;
    }
    let mut said = Said::default();
    for (asking, act) in acts {
        done(tx, &mut said, *asking, act)?;
        nothing_is_more_than_was_said(tx, &said)?;
    }
    Ok(())
}

#[test]
fn whatever_is_done_to_accounts_nobody_may_more_than_was_said_last() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let dir = tempfile::tempdir().expect("a directory");
    let store = Store::open(dir.path()).expect("opens");
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(24));
    let played = runner.run(&prop::collection::vec((asking(), act()), 1..40), |acts| {
        let played = runtime.block_on(store.write(move |tx| {
            let played = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| played(tx, &acts)));
            Ok(played.map_err(|why| why.downcast_ref::<String>().cloned().unwrap_or_default()))
        }));
        let told = played.expect("stored").map_err(TestCaseError::fail)?;
        told.map_err(|error| TestCaseError::fail(error.to_string()))
    });
    played.unwrap_or_else(|why| panic!("{why}"));
}
