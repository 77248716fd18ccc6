//! The package that holds a name: what its parts are called, what it says, and its two archives.

pub mod names;
