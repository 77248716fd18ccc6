//! What no single part of the configuration can promise: files laid over each other, read again, or broken.

mod laid;
mod published;
mod reloaded;
mod said;
mod salvaged;
mod sections;
mod unseen;
mod ways;
