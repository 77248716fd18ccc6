//! The same at a glance: where the dashboard of the demo is, by a link that signs in once.

use std::time::Duration;

use crate::access::accounts::{self, Amendment};
use crate::access::{AccessRefusal, sign_in};
use crate::daemon::Engine;
use crate::model::{Actor, Role, UserName};
use crate::store::{StoreError, Tx};

/// Who looks.
const VISITOR: &str = "visitor";

/// What to open, or nothing where the web does not listen in that time.
pub(super) async fn dashboard(engine: &Engine, patience: Duration) -> String {
    let mut web = engine.web.subscribe();
    let listening = tokio::time::timeout(patience, web.wait_for(Option::is_some)).await;
    let Some(address) = listening.ok().and_then(Result::ok).and_then(|address| *address) else { return String::new() };
    match code(engine).await {
        Some(code) => {
            format!("\nThe dashboard, by a link that signs you in once:\n\n    http://{address}/login/once?code={code}")
        }
        None => format!("\nThe dashboard is at http://{address}/"),
    }
}

/// Of an account that is made for it.
async fn code(engine: &Engine) -> Option<String> {
    let (visitor, now): (UserName, _) = (VISITOR.parse().ok()?, engine.clock.now());
    let made = engine.store.write(move |tx| settled(invited(tx, &visitor, now))).await;
    made.ok().flatten()
}

fn invited(tx: &Tx<'_>, visitor: &UserName, now: crate::model::Time) -> Result<String, AccessRefusal> {
    let add = Amendment::Add { role: Role::Admin, uid: None, password: None };
    accounts::change(tx, visitor, (&add, &Actor::default()), now)?;
    sign_in::link(tx, visitor, now).map(|(code, _)| code)
}

/// A demo without an account is one all the same.
fn settled(invited: Result<String, AccessRefusal>) -> Result<Option<String>, StoreError> {
    match invited {
        Err(AccessRefusal::Store(error)) => Err(error),
        invited => Ok(invited.ok()),
    }
}
