//! Text in lines of a screen: nothing is cut off without a mark.

use ratatui::text::Span;

/// A narrower screen shows little in any case.
const LEAST: usize = 8;

/// The words in lines of at most so many columns; where there are more than `most` lines, `…` ends the last.
pub(super) fn wrapped(text: &str, columns: usize, most: usize) -> Vec<String> {
    let columns = columns.max(LEAST);
    let mut lines = vec![String::new()];
    for piece in text.split(' ').flat_map(|word| pieces(word, columns)) {
        match lines.last_mut() {
            Some(line) if line.is_empty() => line.push_str(&piece),
            Some(line) if wide(line) + 1 + wide(&piece) <= columns => *line += &format!(" {piece}"),
            _ => lines.push(piece),
        }
    }
    let is_cut = lines.len() > most;
    lines.truncate(most);
    if let Some(last) = lines.last_mut().filter(|_| is_cut) {
        while wide(last) >= columns {
            last.pop();
        }
        last.push('…');
    }
    lines
}

/// A word that is wider than a line, in parts.
fn pieces(word: &str, columns: usize) -> Vec<String> {
    let mut pieces = vec![String::new()];
    for letter in word.chars() {
        let is_full = pieces.last().is_some_and(|piece| wide(piece) + wide(letter.encode_utf8(&mut [0; 4])) > columns);
        match pieces.last_mut() {
            Some(piece) if !is_full => piece.push(letter),
            _ => pieces.push(letter.to_string()),
        }
    }
    pieces
}

fn wide(text: &str) -> usize {
    Span::raw(text).width()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_begin_a_line_where_they_have_no_room_and_what_is_left_out_is_marked() {
        assert_eq!(wrapped("all is well", 20, 2), ["all is well"]);
        assert_eq!(wrapped("every event to serial 7", 12, 3), ["every event", "to serial 7"]);
        assert_eq!(wrapped("every event to serial 7", 12, 1), ["every event…"]);
        assert_eq!(wrapped("every events to serial 7", 12, 1), ["every event…"]);
        assert_eq!(wrapped("abcdefghij kl", 8, 3), ["abcdefgh", "ij kl"]);
        assert_eq!(wrapped("名前が長い語", 8, 2), ["名前が長", "い語"]);
        assert_eq!(wrapped("", 0, 2), [""]);
    }
}
