//! Pure decisions: tier, route, fold, render.

pub mod fold;
pub mod route;
pub mod tier;
