//! What the colours of a chart mean: in as many lines as it takes, so that none is cut off on a narrow one.

use super::super::palette::Colour;

/// Logical pixels: above the first line, of a line, and of a letter at most on average.
const ABOVE: i32 = 12;
const LINE: i32 = 20;
const LETTER: i32 = 7;

/// Where the middle of each colour's left edge is, from the upper left.
pub(super) fn places(of: &[(String, Colour)], across: i32) -> Vec<(i32, i32)> {
    let (mut x, mut y) = (0, ABOVE + LINE / 2);
    let mut place = |text: &str| {
        let wide = 18 + text.chars().count() as i32 * LETTER + 14;
        if x > 0 && x + wide > across {
            (x, y) = (0, y + LINE);
        }
        let here = (x, y);
        x += wide;
        here
    };
    of.iter().map(|(text, _)| place(text)).collect()
}

/// How high it is.
pub(super) fn height(of: &[(String, Colour)], across: i32) -> u32 {
    places(of, across).last().map_or(0, |(_, y)| (*y + LINE / 2) as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_that_has_no_room_begins_a_line() {
        let of =
            ["every event", "survivors only", "blind", "not accounted for"].map(|word| (word.to_owned(), (0, 0, 0)));
        assert_eq!(places(&of, 640).iter().map(|(_, y)| *y).collect::<Vec<_>>(), [22, 22, 22, 22]);
        let narrow = places(&of, 300);
        assert!(narrow.windows(2).all(|pair| pair[1].1 > pair[0].1 || pair[1].0 > pair[0].0), "{narrow:?}");
        assert_eq!((narrow[0], height(&of, 640), height(&[], 640)), ((0, 22), 32, 0));
        assert!(height(&of, 300) >= 52);
    }
}
