//! Registrations, hour by hour: a column each.

use plotters::backend::DrawingBackend;

use super::canvas::{Align, Canvas};
use crate::model::{Time, count};
use crate::reports::palette::HOUR;

pub(super) const HEIGHT: u32 = 130;
/// Where the columns stand, and how high they may be.
const GROUND: i32 = 106;
const HIGHEST: u64 = 84;
/// Hours that have a word below: as many as have room.
const STEPS: [usize; 3] = [12, 24, 48];

pub(super) fn text(counts: &[u64]) -> String {
    let all: u64 = counts.iter().sum();
    let most = counts.iter().max().copied().unwrap_or_default();
    let registrations = count(all, "registration", "registrations");
    format!("{registrations} in {} hours; {most} in the busiest, {} so far in this.", counts.len(), last(counts))
}

fn last(counts: &[u64]) -> u64 {
    counts.last().copied().unwrap_or_default()
}

pub(super) fn draw<B: DrawingBackend>(canvas: &Canvas<'_, B>, from: Time, counts: &[u64]) {
    let most = counts.iter().max().copied().unwrap_or_default().max(1);
    let room = f64::from(canvas.across - 2) / counts.len().max(1) as f64;
    let place = |at: usize| 1 + (room * at as f64) as i32;
    for (at, count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
        let tall = (HIGHEST * count / most).max(2) as i32;
        canvas.block((place(at), GROUND - tall), ((room * 0.8) as i32, tall), HOUR);
    }
    canvas.line((0, GROUND), canvas.across);
    canvas.word(&most.to_string(), (1, GROUND - HIGHEST as i32 - 11), Align::Left);
    let word = |at: usize| (from + chrono::TimeDelta::hours(at as i64)).format("%-d %b %H:00").to_string();
    let needs = f64::from(canvas.width(&word(0)) + 8);
    let step = STEPS.into_iter().find(|step| room * *step as f64 >= needs).unwrap_or(counts.len().max(1));
    for at in (0..counts.len()).step_by(step) {
        canvas.word(&word(at), (place(at), GROUND + 13), Align::Left);
    }
}
