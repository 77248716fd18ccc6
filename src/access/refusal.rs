//! Why an account is not changed, and what to do instead.

use crate::model::{Actor, Role, UserName};
use crate::store::StoreError;

/// Each text ends with a remedy.
#[derive(Debug, thiserror::Error)]
pub enum AccessRefusal {
    #[error("{0} may not look after accounts: ask an admin, or as root: sudo namewarden user")]
    NotAnAdmin(Actor),
    #[error(
        "{0} has no account whose the token would be: write --user NAME; `namewarden user list` shows the accounts, `user add` makes one"
    )]
    NoAccount(Actor),
    #[error("a token acts for a program, and this takes a person: sign in, or use the verb on the watch's machine")]
    NotAPerson,
    #[error("a link answers its own case, and does nothing else: sign in, or use the verb on the watch's machine")]
    OnlyAnAnswer,
    #[error(
        "from Slack reviews of the gate are decided, and nothing else: sign in, or use the verb on the watch's machine"
    )]
    OnlyReviews,
    #[error("there is no account {0}: `namewarden user list` shows them")]
    NoUser(UserName),
    #[error("there is an account {0} already: `namewarden user role` and `user password` change it")]
    Exists(UserName),
    #[error("{0}: use a few words that nobody would guess, or let one be generated: --generate")]
    Weak(&'static str),
    #[error("{user} has the role {role}, and a token may do no more than its account: choose a smaller scope")]
    Beyond { user: UserName, role: Role },
    #[error("a token is good for 1 to 366 days, and this one would be for {0}: write --expires 90d")]
    Expiry(u32),
    #[error("a token has a name of 1 to 64 characters, by which people know what uses it")]
    TokenName,
    #[error("there is no token {0}: `namewarden token list` shows them")]
    NoToken(i64),
    #[error("the system gives no random numbers: {0}")]
    Random(#[from] getrandom::Error),
    #[error("a password cannot be hashed: {0}")]
    Hash(String),
    #[error(transparent)]
    Store(#[from] StoreError),
}
