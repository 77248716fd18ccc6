//! What stands between a stranger's text and every form, letter by letter.

use proptest::prelude::*;

use crate::messages::hostile::{hidden, inert, line, link, shell, shown, slack, slack_rich, visible};
use crate::messages::marks::bare;
use crate::messages::wrap;

/// Of everything: what is seen, what is not, what a terminal obeys, what looks like an address or like our own marks.
fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        "\\PC{0,60}",
        "[\\x00-\\x9f]{0,60}",
        "(a|\\.|:|//|b1|。| |\\u{202e}|\\u{a0}|\\n|'|`|@here|<|&){0,40}",
        "(https://|www\\.|me@)?[a-z]{1,9}\\.[a-z]{1,9}(/[a-z.]{0,20})?( and [a-z]{2,4}\\.[a-z]{2})?",
    ]
}

/// As a shell reads one word.
fn unquoted(word: &str) -> Option<String> {
    let (mut letters, mut quoted, mut read) = (word.chars(), false, String::new());
    while let Some(letter) = letters.next() {
        match (letter, quoted) {
            ('\'', _) => quoted = !quoted,
            ('\\', false) => read.push(letters.next()?),
            (letter, false) if !letter.is_ascii_alphanumeric() && !"@%+=:,./_-".contains(letter) => return None,
            (letter, _) => read.push(letter),
        }
    }
    (!quoted).then_some(read)
}

/// With its addresses as they were written; every dot is one.
fn armed(text: &str) -> String {
    text.replace("[.]", ".").replace("[:]", ":").replace(['。', '．', '｡'], ".")
}

fn words(text: &str) -> Vec<&str> {
    text.split_whitespace().collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_shown_is_short_seen_and_the_same_when_it_is_shown_again(text in texts(), cap in 0..70_usize) {
        for make in [shown, visible, inert] {
            let once = make(&text, cap);
            prop_assert!(once.chars().count() <= cap, "{once:?}");
            prop_assert!(!once.contains(|c: char| c.is_control() || hidden(c)), "{once:?}");
            prop_assert_eq!(&make(&once, cap), &once);
            prop_assert_eq!(&line(&once), &once);
            let whole = make(&text, usize::MAX);
            let cut = once.strip_suffix('…').is_some_and(|head| armed(&whole).starts_with(armed(head).trim_end()));
            prop_assert!(once == whole || cut || cap == 0, "{once:?} of {whole:?}");
        }
        prop_assert!(!shown(&text, cap).contains('`'));
    }

    #[test]
    fn nothing_of_a_strangers_can_be_clicked_on(text in texts()) {
        let inert = inert(&text, usize::MAX);
        prop_assert!(!inert.contains("://"), "{inert:?}");
        for part in inert.split(' ') {
            let host = part.split('.').collect::<Vec<_>>();
            let joined = host.windows(2).any(|pair| {
                let end = pair[0].chars().next_back().is_some_and(char::is_alphanumeric);
                end && pair[1].chars().take(2).filter(|c| c.is_alphabetic()).count() == 2
            });
            prop_assert!(!joined, "{part:?} may be read as a host");
        }
        prop_assert_eq!(armed(&inert), armed(&shown(&text, usize::MAX)), "and nothing else is changed");
    }

    #[test]
    fn slack_reads_no_mention_no_link_and_no_markup_of_a_strangers(text in texts(), cap in 1..200_usize) {
        let plain = slack(&text, cap);
        prop_assert!(!plain.contains(['<', '>']) && plain.encode_utf16().count() <= cap, "{plain:?}");
        for (at, _) in plain.match_indices('&') {
            let escape = ["&amp;", "&lt;", "&gt;"].iter().any(|escape| plain[at..].starts_with(escape));
            prop_assert!(escape, "an escape is cut, or none: {plain:?}");
        }
        let rich = slack_rich(&text, cap);
        prop_assert!(!rich.contains(['<', '>', '\n']) && rich.encode_utf16().count() <= cap, "{rich:?}");
        for form in [plain, rich] {
            let lower = form.to_lowercase();
            prop_assert!(["@here", "@channel", "@everyone"].iter().all(|all| !lower.contains(all)), "{form:?}");
        }
    }

    /// Keys and names stand in commands that people copy.
    #[test]
    fn a_command_has_the_argument_that_was_meant_and_no_other(text in texts()) {
        prop_assert_eq!(unquoted(&shell(&text)), Some(line(&text)));
    }

    #[test]
    fn no_word_is_lost_where_a_line_is_broken(text in texts(), indent in 0..30_usize) {
        let text = text.replace('`', "'");
        let wrapped = wrap(&text, indent);
        let seen = bare(&line(&text));
        prop_assert_eq!(words(&wrapped), words(&seen));
        for (at, line) in wrapped.lines().enumerate() {
            let from = if at == 0 { indent } else { 0 };
            let long = from + line.chars().count() > 72;
            prop_assert!(!long || words(line).len() == 1, "{line:?}");
            prop_assert!(at == 0 || line.starts_with(&" ".repeat(indent)), "{line:?}");
        }
    }

    #[test]
    fn only_an_address_as_it_stands_becomes_a_link(text in texts()) {
        if let Some(page) = link(&text) {
            prop_assert_eq!(page, text.as_str());
            prop_assert!(page.starts_with("https://") || page.starts_with("http://"));
            prop_assert!(!page.contains([' ', '"', '\'', '<', '>', '`', '\n', '|']), "{page:?}");
        }
    }
}
