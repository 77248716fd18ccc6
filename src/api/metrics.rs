//! What there is to measure of the watch: read out of the store beside the status, and written as monitoring systems take it.

mod measures;
mod text;

#[cfg(test)]
mod tests;

pub(super) use measures::measure;
pub(super) use text::text;
