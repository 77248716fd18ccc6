//! Who may sign in at the watch that is measured, and what they did.

use chrono::TimeDelta;
use namewarden::access::{random, session, token};
use namewarden::api::web::{Site, cookie_name};
use namewarden::model::{Actor, Role, Time, UserName};
use namewarden::store::{AuditLine, Store, TokenRow, Tx, User};

use super::Failure;

/// Accounts, each with a token, and what each of them did.
const PEOPLE: usize = 1_000;
const DEEDS: usize = 20;

/// Those who may sign in, and what they did.
pub(crate) async fn people(store: &Store, now: Time) -> Result<(), Failure> {
    let user = |n: usize| -> Result<User, Failure> {
        let name = format!("person-{n}").parse()?;
        Ok(User { name, role: Role::Responder, uid: None, password: None, added: now, confirmed: true })
    };
    let users = (0..PEOPLE).map(user).collect::<Result<Vec<_>, _>>()?;
    let stored = move |tx: &Tx<'_>| {
        for user in &users {
            tx.users().put(user)?;
            tx.tokens().add(&token(&format!("{}{}", token::PREFIX, user.name), (&user.name, Role::Viewer), now))?;
            let by = Actor { user: Some(user.name.to_string()), ..Actor::default() };
            let line = |n: usize| AuditLine {
                at: now - TimeDelta::minutes(n as i64),
                by: by.clone(),
                action: "judge".to_owned(),
                outcome: "done".to_owned(),
                detail: format!("acknowledge nw-{n}"),
            };
            (0..DEEDS).try_for_each(|n| tx.audit().add(&line(n)))?;
        }
        Ok(())
    };
    Ok(store.write(stored).await?)
}

fn token(text: &str, (user, scope): (&UserName, Role), now: Time) -> TokenRow {
    TokenRow {
        id: 0,
        digest: random::digest(text),
        name: "bench".to_owned(),
        user: user.clone(),
        scope,
        created: now,
        ends: now + TimeDelta::days(1),
        used: None,
    }
}

/// An account with a browser and a program.
pub(crate) async fn signed_in(
    store: &Store,
    site: &Site,
    (name, role): (&str, Role),
    now: Time,
) -> Result<(String, String), Failure> {
    let (cookie, validity) = (random::random()?, site.validity());
    let (begun, name) = (cookie.clone(), name.parse::<UserName>()?);
    let text = format!("{}{}", token::PREFIX, random::random()?);
    let row = token(&text, (&name, role), now);
    let begin = move |tx: &Tx<'_>| {
        let (uid, password) = (None, None);
        tx.users().put(&User { name: name.clone(), role, uid, password, added: now, confirmed: false })?;
        tx.tokens().add(&row)?;
        session::begin(tx, &begun, &name, validity, now)
    };
    store.write(begin).await?;
    Ok((format!("{}={cookie}", cookie_name(false)), text))
}
