//! What was seen of the period: a strip of time.

use plotters::backend::DrawingBackend;

use super::canvas::{Align, Canvas};
use super::frame::day;
use super::strip::Strip;
use crate::model::{Time, count};
use crate::reports::palette::{Colour, EVERY, SURVIVORS, UNSEEN};

/// Without its legend.
pub(super) const HEIGHT: u32 = 54;
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
        n => format!(
            "in {} a feed was blind or nobody looked, {} % of the time",
            count(n, "stretch", "stretches"),
            share(&strip.unseen)
        ),
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
}

pub(super) fn legend() -> Vec<(String, Colour)> {
    [("every event", EVERY), ("survivors only", SURVIVORS), ("blind", UNSEEN), ("not accounted for", NOTHING)]
        .map(|(word, colour)| (word.to_owned(), colour))
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the registry told afterwards is accounted for all the same.
    #[test]
    fn a_stretch_in_which_nobody_looked_takes_nothing_from_what_is_accounted_for() {
        let at = |hour: i64| Time::UNIX_EPOCH + chrono::TimeDelta::hours(hour);
        let of = |unseen: Option<(i64, i64)>| {
            let blind = unseen.map(|(from, to)| ("nothing seen", (at(from), at(to))));
            text(&Strip::between((at(0), at(100)), (vec![(at(0), at(100))], Vec::new()), blind.into_iter()))
        };
        assert_eq!(of(None), "Every event: 100 % of the time; no stretch was blind.");
        let blind = "Every event: 100 % of the time; in 1 stretch a feed was blind or nobody looked, 80 % of the time.";
        assert_eq!(of(Some((10, 90))), blind);
    }
}
