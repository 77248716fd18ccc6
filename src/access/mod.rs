//! Who may sign in on the web, and who is: the rules of accounts and sessions, over the store.

pub mod random;
pub mod session;
