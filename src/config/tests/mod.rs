//! What no single part of the configuration can promise: files laid over each other, read again, or broken.

mod reloaded;
mod unseen;
mod ways;
