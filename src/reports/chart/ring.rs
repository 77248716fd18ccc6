//! How many names stand how, as a ring with all of them in its middle.

use std::f64::consts::TAU;

use plotters::backend::DrawingBackend;

use super::canvas::{Align, Canvas};
use crate::reports::palette::standing;

/// Wide and high.
pub(in crate::reports) const SIDE: u32 = 136;
const RADII: (f64, f64) = (42.0, 66.0);
/// A part that is thinner would not be seen.
const THIN: f64 = 0.06;

pub(super) fn draw<B: DrawingBackend>(canvas: &Canvas<'_, B>, counts: &[(&'static str, usize)]) {
    let middle = (SIDE as i32 / 2, SIDE as i32 / 2);
    let all: usize = counts.iter().map(|(_, n)| n).sum();
    let some = counts.iter().filter(|(_, n)| *n > 0);
    let spare = TAU - THIN * some.clone().count() as f64;
    let mut from = 0.0;
    for (word, n) in some {
        let to = from + THIN + spare * *n as f64 / all as f64;
        canvas.arc(middle, RADII, (from, to), standing(word));
        from = to;
    }
    canvas.word(&all.to_string(), (middle.0, middle.1 - 9), Align::Middle);
    canvas.word("names", (middle.0, middle.1 + 9), Align::Middle);
}
