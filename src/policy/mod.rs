//! Pure decisions: tier, route, throttle, render.

pub mod render;
pub mod route;
pub mod throttle;
pub mod tier;
