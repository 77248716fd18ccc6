//! The command line: one verb per file.

pub mod config;
pub mod init;
pub mod inventory;
