//! Letters that look like ASCII ones: what a name that is none was meant to be read as.

/// The ASCII character that a reader takes `c` for; `None` when it is like none that a project name may hold.
/// A choice of Unicode's confusables (UTS 39): the scripts that look-alike names have been made of.
pub(super) fn plain(c: char) -> Option<char> {
    let legal = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    match c {
        c if c.is_ascii() => Some(c).filter(legal),
        // Fullwidth forms stand in the order of ASCII.
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).filter(legal),
        c => TABLE.iter().find(|(_, alike)| alike.contains(c)).map(|(ascii, _)| *ascii),
    }
}

/// Cyrillic, Greek, Armenian, Roman numerals, phonetic letters and dashes.
const TABLE: &[(char, &str)] = &[
    ('a', "\u{430}\u{3b1}\u{251}\u{410}\u{391}"),
    ('b', "\u{44c}\u{42c}\u{412}\u{392}"),
    ('c', "\u{441}\u{3f2}\u{217d}\u{421}\u{3f9}"),
    ('d', "\u{501}\u{217e}"),
    ('e', "\u{435}\u{4bd}\u{415}\u{395}"),
    ('g', "\u{261}\u{50d}"),
    ('h', "\u{4bb}\u{41d}\u{397}"),
    ('i', "\u{456}\u{131}\u{3b9}\u{269}\u{2170}\u{406}\u{399}"),
    ('j', "\u{458}\u{3f3}\u{408}"),
    ('k', "\u{43a}\u{3ba}\u{41a}\u{39a}"),
    ('l', "\u{4cf}\u{217c}\u{4c0}"),
    ('m', "\u{43c}\u{217f}\u{41c}\u{39c}"),
    ('n', "\u{578}\u{39d}"),
    ('o', "\u{43e}\u{3bf}\u{585}\u{41e}\u{39f}"),
    ('p', "\u{440}\u{3c1}\u{420}\u{3a1}"),
    ('q', "\u{51b}"),
    ('s', "\u{455}\u{405}"),
    ('t', "\u{442}\u{3c4}\u{422}\u{3a4}"),
    ('u', "\u{3c5}\u{57d}"),
    ('v', "\u{3bd}\u{475}\u{2174}"),
    ('w', "\u{51d}\u{3c9}"),
    ('x', "\u{445}\u{3c7}\u{2179}\u{425}\u{3a7}"),
    ('y', "\u{443}\u{3b3}\u{4af}\u{423}\u{3a5}"),
    ('z', "\u{1d22}\u{396}"),
    ('-', "\u{2010}\u{2011}\u{2012}\u{2013}\u{2014}\u{2015}\u{2212}"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_ascii_is_read_as_it() {
        let read = |text: &str| text.chars().filter_map(plain).collect::<String>();
        assert_eq!(read("\u{430}\u{441}me\u{2010}billing"), "acme-billing");
        assert_eq!(read("\u{ff41}\u{ff43}\u{ff4d}\u{ff45}\u{ff0d}1"), "acme-1");
        assert_eq!(read("a\u{202e}c\u{0}m e\u{4e2d}"), "acme");
    }
}
