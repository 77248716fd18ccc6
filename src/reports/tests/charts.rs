//! Charts of whatever numbers: nothing is drawn beyond the edge, nothing upon something else, and what is there is seen.

use proptest::prelude::*;

use super::super::chart::{Chart, SIDE, Strip};
use super::*;
use crate::messages::report::STATES;

/// A rectangle, an outline or the place of a word: its left and right edge, top and bottom.
type Shape = (&'static str, [f64; 4]);

fn attribute(element: &str, name: &str) -> f64 {
    let value = element.split(&format!(" {name}=\"")).nth(1).and_then(|rest| rest.split('"').next());
    value.and_then(|text| text.parse().ok()).unwrap_or_else(|| panic!("{name} in {element}"))
}

fn points(element: &str) -> [f64; 4] {
    let list = element.split(" points=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default();
    let each = list.split_whitespace().filter_map(|point| point.split_once(','));
    let numbers = each.map(|(x, y)| (x.parse::<f64>().expect("a number"), y.parse::<f64>().expect("a number")));
    let begin = [f64::MAX, f64::MIN, f64::MAX, f64::MIN];
    numbers.fold(begin, |[left, right, top, bottom], (x, y): (f64, f64)| {
        [left.min(x), right.max(x), top.min(y), bottom.max(y)]
    })
}

fn shapes(svg: &str) -> Vec<Shape> {
    let of = |element: &str| {
        let name = element.split([' ', '>']).next().unwrap_or_default();
        Some(match name {
            "rect" => {
                let (x, y) = (attribute(element, "x"), attribute(element, "y"));
                ("rect", [x, x + attribute(element, "width"), y, y + attribute(element, "height")])
            }
            "polyline" => ("line", points(element)),
            "polygon" => ("polygon", points(element)),
            "text" => {
                let (x, y) = (attribute(element, "x"), attribute(element, "y"));
                ("text", [x, x, y, y])
            }
            _ => return None,
        })
    };
    svg.split('<').skip(1).filter_map(of).collect()
}

fn assert_inside(chart: &Chart, width: u32) -> Vec<Shape> {
    let svg = chart.svg_across(width);
    let height = attribute(svg.split('<').nth(1).unwrap_or_default(), "height");
    let shapes = shapes(&svg);
    for (name, [left, right, top, bottom]) in &shapes {
        let inside = *left >= 0.0 && *right <= f64::from(width) && *top >= 0.0 && *bottom <= height && left <= right;
        assert!(inside, "{name} at {left}..{right} {top}..{bottom} of {width}x{height}: {svg}");
    }
    shapes
}

/// The left edges of filled columns; each is drawn twice, with its edge.
fn lefts(shapes: &[Shape]) -> Vec<f64> {
    let mut lefts: Vec<f64> = shapes.iter().filter(|(name, _)| *name == "rect").map(|(_, [left, ..])| *left).collect();
    lefts.dedup();
    lefts
}

fn widths() -> impl Strategy<Value = u32> {
    prop::sample::select(vec![300_u32, 400, 700])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_column_is_beyond_the_edge_or_upon_another(
        counts in prop::collection::vec(prop_oneof![0..9_usize, 0..2_000_000_usize], 1..290), width in widths(),
    ) {
        let all = counts.len();
        let bar = |(at, count): (usize, &usize)| Bar { from: at_day(at), pages: *count, alerts: *count / 2, digests: 1 };
        let bars: Vec<Bar> = counts.iter().enumerate().map(bar).collect();
        let lefts = lefts(&assert_inside(&Chart::Cases { bars, until: at_day(all) }, width));
        prop_assert_eq!(lefts.len(), all, "each has a column of its own");
        let room = f64::from(width) / all as f64;
        let places = lefts.iter().enumerate().map(|(at, left)| left - room * at as f64);
        prop_assert!(places.into_iter().all(|off| (-2.0..=room + 2.0).contains(&off)), "{lefts:?}");
    }

    #[test]
    fn hours_are_drawn_where_they_are(counts in prop::collection::vec(prop_oneof![Just(0), 1..100_000_u64], 1..170), width in widths()) {
        let some = counts.iter().filter(|count| **count > 0).count();
        let columns = assert_inside(&Chart::Hours { from: at(0), counts }, width).iter().filter(|(name, _)| *name == "rect").count();
        prop_assert_eq!(columns, 2 * some, "an hour without a registration has no column, and any other has");
    }

    #[test]
    fn how_names_stand_fills_the_bar_and_the_ring(counts in prop::collection::vec(0..3_000_000_usize, 1..9), width in widths()) {
        let of: Vec<(&'static str, usize)> = STATES.iter().copied().zip(counts).collect();
        let bar = assert_inside(&Chart::Names(of.clone()), width);
        let right = bar.iter().filter(|(name, _)| *name == "rect").map(|(_, [_, right, ..])| *right).fold(0.0, f64::max);
        let all: usize = of.iter().map(|(_, n)| n).sum();
        prop_assert!(all == 0 || right >= f64::from(width) - 2.0 - of.len() as f64, "{right} of {width}");
        let ring = assert_inside(&Chart::Ring(of.clone()), SIDE);
        let parts = ring.iter().filter(|(name, _)| *name == "polygon").count();
        prop_assert_eq!(parts, of.iter().filter(|(_, n)| *n > 0).count());
        prop_assert!(Chart::Ring(of).text().contains(&all.to_string()) || all == 0);
    }

    /// Whatever a ledger of a wrong clock has in it: turned round, upon each other, from before and after.
    #[test]
    fn what_was_seen_is_drawn_within_its_time_and_no_share_is_more_than_all(
        spans in prop::collection::vec((-200..400_i64, -200..400_i64), 0..12), length in 0..200_i64, width in widths(),
    ) {
        let of = |n: usize| spans.iter().skip(n).step_by(3).map(|(from, to)| (hour(*from), hour(*to))).collect::<Vec<_>>();
        let blind: Vec<_> = of(2).into_iter().map(|span| ("feed-blind:rss", span)).collect();
        let strip = Strip::between((hour(0), hour(length)), (of(0), of(1)), blind.into_iter());
        prop_assert!(strip.unseen.iter().all(|(from, to)| *to >= strip.since && *from <= strip.until), "{strip:?}");
        let chart = Chart::Coverage(strip);
        assert_inside(&chart, width);
        let text = chart.text();
        let shares = text.split(" %").filter_map(|part| part.rsplit(' ').next()).filter_map(|number| number.parse::<i64>().ok());
        prop_assert!(shares.into_iter().all(|share| (0..=100).contains(&share)), "{text}");
    }
}

fn at_day(day: usize) -> Time {
    at(day as i64 * 30)
}

fn hour(of: i64) -> Time {
    at(0) + TimeDelta::hours(of)
}
