//! Who may sign in on the web, and who is: the rules of accounts, sessions and tokens, over the store.

pub mod accounts;
pub mod oidc;
pub mod password;
pub mod random;
mod refusal;
pub mod session;
pub mod sign_in;
#[cfg(test)]
mod tests;
pub mod throttle;
pub mod token;

pub use refusal::AccessRefusal;
