//! Pure decisions: tier, route, fold, render.

pub mod render;
