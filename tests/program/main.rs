//! The program as its operators meet it: configuration, inventory and lists read, verbs run, units started.

/// `namewarden.toml`: what can be wrong with it, `init`, and the sample.
mod config {
    mod errors;
    mod init;
    mod sample;
}
/// The inventory: its verbs, errors, forms and sample.
mod inventory {
    mod cli;
    mod errors;
    mod forms;
    mod sample;
}
/// `claim build`.
mod claims;
mod lists;
mod monitoring;
mod unit;
mod verbs;
