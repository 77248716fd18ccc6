//! `Grid`: the script of edits between two texts whose distance is known, by the usual recurrence on a band: the fewest, and
//! of these nearly always the cheapest.

use super::edits::{EDITS_MAX, Edit, Kind, Script};
use super::keyboard;
use super::text::CAP;

/// Edits in the upper byte, ranks in the lower: fewer edits win, then the more usual ones.
type Cost = u16;
const AN_EDIT: Cost = 1 << 8;
const TOO_MANY: Cost = Cost::MAX;

/// Columns of the band around the diagonal, and one on each side that stays `TOO_MANY`.
const BAND: usize = 2 * EDITS_MAX + 3;
const DIAGONAL: isize = EDITS_MAX.cast_signed() + 1;

struct Grid<'a> {
    sighted: &'a [u8],
    watched: &'a [u8],
    /// What both begin with, and with what both end, is not looked at.
    start: usize,
    /// How many sighted and watched characters are.
    rows: usize,
    columns: usize,
    /// Diagonals that a script of so few edits can touch.
    diagonals: (isize, isize),
    /// What the first `i` and `j` characters cost, at `[i][DIAGONAL + j - i]`.
    cells: [[Cost; BAND]; CAP + 1],
}

/// The script from `watched` to `sighted`, texts of at most `CAP` characters and so many edits apart.
pub(in crate::matcher) fn script(sighted: &[u8], watched: &[u8], edits: u8) -> Script {
    let mut grid = Grid::empty(sighted, watched, edits.into());
    grid.fill();
    grid.way_back(edits)
}

impl<'a> Grid<'a> {
    #[inline]
    fn empty(sighted: &'a [u8], watched: &'a [u8], edits: usize) -> Self {
        // What stands beside an edit decides its kind, so one character of the equal ends stays.
        let start = sighted.iter().zip(watched).take_while(|(a, b)| a == b).count().saturating_sub(1);
        let (a, b) = (&sighted[start..], &watched[start..]);
        let end = a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count().saturating_sub(1);
        let (rows, columns) = (sighted.len() - start - end, watched.len() - start - end);
        let longer = columns.cast_signed() - rows.cast_signed();
        let slack = (edits.cast_signed() - longer.abs()) / 2;
        let diagonals = (longer.min(0) - slack, longer.max(0) + slack);
        Self { sighted, watched, start, rows, columns, diagonals, cells: [[TOO_MANY; BAND]; CAP + 1] }
    }

    fn fill(&mut self) {
        self.cells[0][band(0, 0)] = 0;
        for i in 0..=self.rows {
            for diagonal in self.diagonals.0..=self.diagonals.1 {
                let j = i.checked_add_signed(diagonal).filter(|j| *j <= self.columns);
                if let Some(j) = j.filter(|j| i + j > 0) {
                    self.cells[i][band(i, j)] = self.cheapest(i, j).0;
                }
            }
        }
    }

    /// The edits on the way back from the last cell.
    fn way_back(&self, edits: u8) -> Script {
        let mut script = Script { edits: [None; EDITS_MAX], len: edits };
        let mut free = script.edits.iter_mut().take(edits.into()).rev();
        let (mut i, mut j) = (self.rows, self.columns);
        while i + j > 0 {
            let kind = self.cheapest(i, j).1;
            if let Some((kind, edit)) = kind.and_then(|kind| Some((kind, free.next()?))) {
                *edit = Some(self.edit(kind, self.start + i, self.start + j));
            }
            let (rows, columns) = kind.map_or((1, 1), uses);
            (i, j) = (i.saturating_sub(rows), j.saturating_sub(columns));
        }
        script
    }

    /// What a cell costs by the cheapest way to it, and the kind of the last edit on it; none where the last characters
    /// are equal. Of ways that cost the same the first.
    fn cheapest(&self, i: usize, j: usize) -> (Cost, Option<Kind>) {
        let (s, w) = (self.start + i, self.start + j);
        let cell = |i: usize, j: usize, kind| (self.cells[i][band(i, j)].saturating_add(price(kind)), Some(kind));
        let mut best = (TOO_MANY, None);
        if i > 0 && j > 0 {
            let (a, b) = (self.sighted[s - 1], self.watched[w - 1]);
            best = match a == b {
                true => (self.cells[i - 1][band(i, j)], None),
                false => cell(i - 1, j - 1, substitution(a, b)),
            };
            if i > 1 && j > 1 && a != b && (a, b) == (self.watched[w - 2], self.sighted[s - 2]) {
                best = cheaper(best, cell(i - 2, j - 2, Kind::Swap));
            }
        }
        if i > 0 {
            let kind = if doubled(self.sighted, s - 1) { Kind::Repeat } else { Kind::Insert };
            best = cheaper(best, cell(i - 1, j, kind));
        }
        if j > 0 {
            let kind = if doubled(self.watched, w - 1) { Kind::Undouble } else { Kind::Omit };
            best = cheaper(best, cell(i, j - 1, kind));
        }
        best
    }

    /// The edit of a kind that ends after the first `s` sighted and `w` watched characters.
    fn edit(&self, kind: Kind, s: usize, w: usize) -> Edit {
        let (at, watched, sighted) = match kind {
            Kind::Swap => (w - 2, self.watched[w - 2], self.sighted[s - 2]),
            Kind::Repeat | Kind::Insert => (w, 0, self.sighted[s - 1]),
            Kind::Undouble | Kind::Omit => (w - 1, self.watched[w - 1], 0),
            Kind::LookAlike | Kind::Vowel | Kind::Neighbour | Kind::Substitute => {
                (w - 1, self.watched[w - 1], self.sighted[s - 1])
            }
        };
        Edit { kind, at: u8::try_from(at).unwrap_or(u8::MAX), watched, sighted }
    }
}

fn band(i: usize, j: usize) -> usize {
    (DIAGONAL + j.cast_signed() - i.cast_signed()).cast_unsigned()
}

/// The first, unless the second costs less.
fn cheaper(first: (Cost, Option<Kind>), second: (Cost, Option<Kind>)) -> (Cost, Option<Kind>) {
    if second.0 < first.0 { second } else { first }
}

/// How many sighted and watched characters an edit ends with.
fn uses(kind: Kind) -> (usize, usize) {
    match kind {
        Kind::Swap => (2, 2),
        Kind::Repeat | Kind::Insert => (1, 0),
        Kind::Undouble | Kind::Omit => (0, 1),
        Kind::LookAlike | Kind::Vowel | Kind::Neighbour | Kind::Substitute => (1, 1),
    }
}

/// An edit, and half-bits of unlikelihood among impostors, for choosing between scripts of equal length.
fn price(kind: Kind) -> Cost {
    let rank = match kind {
        Kind::Swap => 3,
        Kind::Repeat => 5,
        Kind::LookAlike => 6,
        Kind::Undouble | Kind::Omit => 7,
        Kind::Vowel | Kind::Neighbour => 8,
        Kind::Insert => 10,
        Kind::Substitute => 12,
    };
    AN_EDIT + rank
}

/// Is the character at `at` equal to a neighbour?
fn doubled(text: &[u8], at: usize) -> bool {
    (at > 0 && text[at - 1] == text[at]) || text.get(at + 1) == Some(&text[at])
}

fn substitution(a: u8, b: u8) -> Kind {
    let vowel = |c| matches!(c, b'a' | b'e' | b'i' | b'o' | b'u');
    if looks_like(a, b) {
        Kind::LookAlike
    } else if vowel(a) && vowel(b) {
        Kind::Vowel
    } else if keyboard::adjacent(a, b) {
        Kind::Neighbour
    } else {
        Kind::Substitute
    }
}

/// Single characters that are read for one another.
fn looks_like(a: u8, b: u8) -> bool {
    matches!(
        (a.min(b), a.max(b)),
        (b'0', b'o')
            | (b'1', b'i' | b'l')
            | (b'2', b'z')
            | (b'3', b'e')
            | (b'4', b'a')
            | (b'5', b's')
            | (b'8', b'b')
            | (b'9', b'g')
            | (b'g', b'q')
            | (b'i', b'j' | b'l')
            | (b'j', b'l')
            | (b'u', b'v')
    )
}

#[cfg(test)]
mod tests {
    use super::super::distance::distance;
    use super::*;

    #[test]
    fn long_texts_are_compared_whole() {
        let long = |first: &str, last: &str| format!("{first}{}{last}", "abc".repeat(28));
        let (watched, sighted) = (long("x", "yz"), long("q", "zy"));
        assert_eq!(distance(sighted.as_bytes(), watched.as_bytes(), EDITS_MAX), Some(2));
        assert_eq!(distance(sighted.as_bytes(), long("abcd", "").as_bytes(), EDITS_MAX), None);
        let script = script(sighted.as_bytes(), watched.as_bytes(), 2);
        let kinds: Vec<(Kind, u8)> = script.edits().map(|edit| (edit.kind, edit.at)).collect();
        assert_eq!(kinds, [(Kind::Substitute, 0), (Kind::Swap, 85)]);
    }
}
