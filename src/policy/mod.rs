//! Pure decisions: tier, route, fold, render.
