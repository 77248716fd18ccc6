//! `Key`: a key of the configuration that may be missing.

use toml::Spanned;

/// The span leads an error to its line.
pub(super) type Key<T> = Option<Spanned<T>>;
