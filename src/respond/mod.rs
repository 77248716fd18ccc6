//! Delivers what is due.

pub mod alert;
