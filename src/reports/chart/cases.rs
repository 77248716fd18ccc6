//! New cases over the period: a column for each stretch, pages at the bottom.

use plotters::backend::DrawingBackend;

use super::canvas::{Align, Canvas};
use super::frame::day;
use crate::model::report::Bar;
use crate::model::{Time, count};
use crate::reports::palette::{ALERT, Colour, DIGEST, PAGE};

/// Without its legend.
pub(super) const HEIGHT: u32 = 162;
/// Where the columns stand, and how high they may be.
const GROUND: i32 = 140;
const HIGHEST: i32 = 115;

pub(super) fn text(bars: &[Bar]) -> String {
    let sum = |of: fn(&Bar) -> usize| bars.iter().map(of).sum::<usize>() as u64;
    let (pages, alerts, weak) = (sum(|bar| bar.pages), sum(|bar| bar.alerts), sum(|bar| bar.digests));
    let busiest = bars.iter().max_by_key(|bar| height(bar)).filter(|bar| height(bar) > 0);
    let busiest = busiest.map(|bar| format!(" Most came {}: {}.", when(bars, bar), height(bar)));
    let [pages, alerts] = [count(pages, "page", "pages"), count(alerts, "alert", "alerts")];
    format!("New cases: {pages}, {alerts}, {weak} weak.{}", busiest.unwrap_or_default())
}

/// A bar begins at the time of day of the period, so it reaches into the day after.
fn when(bars: &[Bar], bar: &Bar) -> String {
    let hour = |time: Time| time.format("%-d %b %H:%M").to_string();
    let next = bars.iter().map(|bar| bar.from).find(|from| *from > bar.from);
    next.map_or_else(
        || format!("after {}", hour(bar.from)),
        |next| format!("from {} to {}", hour(bar.from), hour(next)),
    )
}

fn height(bar: &Bar) -> usize {
    bar.pages + bar.alerts + bar.digests
}

pub(super) fn draw<B: DrawingBackend>(canvas: &Canvas<'_, B>, bars: &[Bar], until: Time) {
    let highest = bars.iter().map(height).max().unwrap_or_default().max(1);
    let room = canvas.across / bars.len().max(1) as i32;
    for (at, bar) in bars.iter().enumerate() {
        let wide = (room * 3 / 4).clamp(1, 60);
        column(canvas, bar, (place(canvas, bars, at) + room / 8, wide), highest);
    }
    canvas.line((0, GROUND), canvas.across);
    ends(canvas, bars, until);
}

/// Where a stretch begins: of decades there are more than a telephone has pixels for, and they are spread over all of it.
fn place<B: DrawingBackend>(canvas: &Canvas<'_, B>, bars: &[Bar], at: usize) -> i32 {
    (i64::from(canvas.across - 1) * at as i64 / bars.len().max(1) as i64) as i32
}

pub(super) fn legend() -> Vec<(String, Colour)> {
    [("page", PAGE), ("alert", ALERT), ("weak, for the digest", DIGEST)]
        .map(|(word, colour)| (word.to_owned(), colour))
        .into()
}

fn column<B: DrawingBackend>(canvas: &Canvas<'_, B>, bar: &Bar, (left, wide): (i32, i32), highest: usize) {
    let mut top = GROUND;
    for (count, colour) in [(bar.pages, PAGE), (bar.alerts, ALERT), (bar.digests, DIGEST)] {
        if count > 0 {
            let tall = ((HIGHEST as usize * count / highest) as i32).max(2);
            top -= tall;
            canvas.block((left, top), (wide, tall), colour);
        }
    }
    let number = height(bar).to_string();
    if height(bar) > 0 && canvas.width(&number) <= wide + 8 {
        canvas.word(&number, (left + wide / 2, top - 10), Align::Middle);
    }
}

fn ends<B: DrawingBackend>(canvas: &Canvas<'_, B>, bars: &[Bar], until: Time) {
    let y = GROUND + 13;
    let middle = bars.get(bars.len() / 2).filter(|_| bars.len() > 4);
    canvas.word(&bars.first().map(|bar| day(bar.from)).unwrap_or_default(), (1, y), Align::Left);
    if let Some(bar) = middle {
        canvas.word(&day(bar.from), (place(canvas, bars, bars.len() / 2), y), Align::Left);
    }
    canvas.word(&day(until), (canvas.across - 1, y), Align::Right);
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    #[test]
    fn the_busiest_stretch_is_named_with_both_its_ends() {
        let first: Time = "2026-11-25T08:00:00Z".parse().expect("a time");
        let bar = |day: i64, pages| Bar { from: first + TimeDelta::days(day), pages, alerts: 0, digests: 0 };
        assert!(text(&[bar(0, 0), bar(1, 5), bar(2, 1)]).ends_with("Most came from 26 Nov 08:00 to 27 Nov 08:00: 5."));
        assert!(text(&[bar(0, 0), bar(1, 5)]).ends_with("Most came after 26 Nov 08:00: 5."));
    }
}
