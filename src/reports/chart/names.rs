//! How many names stand how: one bar, in the order in which they want a look.

use plotters::backend::DrawingBackend;

use super::canvas::Canvas;
use crate::reports::palette::{Colour, standing};

/// Without its legend.
pub(super) const HEIGHT: u32 = 42;
const BAR: (i32, i32) = (4, 34);
/// A stretch that is thinner would not be seen.
const THIN: i32 = 4;

pub(super) fn text(counts: &[(&'static str, usize)]) -> String {
    let all: usize = counts.iter().map(|(_, n)| n).sum();
    let parts: Vec<String> = counts.iter().map(|(word, n)| format!("{n} {word}")).collect();
    match all {
        0 => "No name has been looked at.".to_owned(),
        1 => format!("Of 1 name: {}.", parts.join(", ")),
        _ => format!("Of {all} names: {}.", parts.join(", ")),
    }
}

pub(super) fn draw<B: DrawingBackend>(canvas: &Canvas<'_, B>, counts: &[(&'static str, usize)]) {
    let width = canvas.across - 2;
    let all: usize = counts.iter().map(|(_, n)| n).sum::<usize>().max(1);
    let spare = width - THIN * counts.len() as i32;
    let mut left = 1;
    for (word, n) in counts {
        let wide = THIN + (spare as usize * n / all) as i32;
        canvas.block((left, BAR.0), (wide, BAR.1), standing(word));
        let number = n.to_string();
        if canvas.width(&number) + 6 < wide {
            canvas.word_on(&number, (left + wide / 2, BAR.0 + BAR.1 / 2), standing(word));
        }
        left += wide;
    }
}

pub(super) fn legend(counts: &[(&'static str, usize)]) -> Vec<(String, Colour)> {
    counts.iter().map(|(word, n)| (format!("{word} {n}"), standing(word))).collect()
}
