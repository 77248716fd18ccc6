//! What was seen of the period: a strip of time.

use plotters::backend::DrawingBackend;

use super::canvas::{Align, Canvas};
use super::frame::day;
use super::strip::Strip;
use crate::model::Time;
use crate::reports::palette::{Colour, EVERY, SURVIVORS, UNSEEN};

pub(super) const HEIGHT: u32 = 88;
const BAR: (i32, i32) = (4, 26);
const NOTHING: Colour = (0xe4, 0xe4, 0xe0);

pub(super) fn text(strip: &Strip) -> String {
    let length = (strip.until - strip.since).num_seconds().max(1);
    let share = |spans: &[(Time, Time)]| {
        let seconds: i64 = spans.iter().map(|(from, to)| (*to - *from).num_seconds().max(0)).sum();
        (seconds * 100 / length).clamp(0, 100)
    };
    let unseen = match strip.unseen.len() {
        0 => "no stretch was blind".to_owned(),
        n => format!("{n} blind, {} % of the time", share(&strip.unseen)),
    };
    format!("Every event: {} % of the time; {unseen}.", share(&strip.every))
}

pub(super) fn draw<B: DrawingBackend>(canvas: &Canvas<'_, B>, strip: &Strip) {
    let width = canvas.across - 2;
    let length = (strip.until - strip.since).num_seconds().max(1);
    let place = |time: Time| {
        let at = (time - strip.since).num_seconds().clamp(0, length);
        1 + (i64::from(width) * at / length) as i32
    };
    canvas.block((1, BAR.0), (width, BAR.1), NOTHING);
    for (spans, colour) in [(&strip.survivors, SURVIVORS), (&strip.every, EVERY), (&strip.unseen, UNSEEN)] {
        for (from, to) in spans.iter() {
            let left = place(*from).min(width - 2);
            canvas.block((left, BAR.0), ((place(*to) - left).max(3), BAR.1), colour);
        }
    }
    let y = BAR.0 + BAR.1 + 13;
    canvas.word(&day(strip.since), (1, y), Align::Left);
    canvas.word(&day(strip.until), (canvas.across - 1, y), Align::Right);
    let legend =
        [("every event", EVERY), ("survivors only", SURVIVORS), ("blind", UNSEEN), ("not accounted for", NOTHING)];
    canvas.legend(HEIGHT as i32 - 14, &legend.map(|(word, colour)| (word.to_owned(), colour)));
}
