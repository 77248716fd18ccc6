//! SQLite as the engine of the store, and all that is known of it: connections, files, lock, schema, copies, errors.
//!
//! The only folder that names rusqlite. What leaves it is our own: transactions as `sql::Session`, errors as `StoreError`.

mod backup;
mod codes;
mod database;
pub(super) mod files;
mod lock;
pub(super) mod loss;
mod marker;
pub(super) mod open;
pub(super) mod schema;
pub(super) mod session;
mod witness;
mod workers;

pub(super) use database::Database;
pub use loss::Loss;
pub use witness::Home;
