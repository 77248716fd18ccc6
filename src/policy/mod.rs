//! Pure decisions: tier, route, fold, render.

pub mod fold;
pub mod render;
pub mod route;
pub mod tier;
