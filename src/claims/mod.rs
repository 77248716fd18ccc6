//! Holding names of ours on a registry, inside its rules.

/// What is published: a wheel and a source distribution that say whose name it is.
pub mod package;
