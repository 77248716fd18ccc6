//! Hostile text made safe: one function per place it may be shown in.
//!
//! Names, summaries, versions and users come from strangers. `shown` and `inert` are applied when a message is composed
//! (they cap one value, so that it cannot push our own words out), `line` and `slack` once more where the message
//! leaves for its destination. HTML is escaped by the template engine on top. All of them may be applied twice.

use crate::model::address;

/// `visible`, without backticks, which mark code in our own texts (`marks`).
pub fn shown(text: &str, cap: usize) -> String {
    visible(&text.replace('`', "'"), cap)
}

/// Text on one line: controls, line breaks, bidirectional and invisible characters written out (`\u{202e}`), white
/// space collapsed, at most `cap` characters with `…` for the rest.
pub fn visible(text: &str, cap: usize) -> String {
    let mut out = Capped::new(cap);
    let mut blank = true;
    for c in text.chars() {
        let space = c == ' ' || (c.is_whitespace() && !c.is_control() && !hidden(c));
        if space && blank {
            continue;
        }
        blank = space;
        let fits = match c {
            _ if space => out.push(" "),
            _ if c.is_control() || hidden(c) => out.push(&c.escape_default().to_string()),
            _ => out.push(c.encode_utf8(&mut [0; 4])),
        };
        if !fits {
            break;
        }
    }
    out.text.truncate(out.text.trim_end().len());
    out.text
}

/// `shown`, with addresses defanged as security teams write them (`https[:]//evil[.]example`), so that no mail client,
/// chat or terminal turns a stranger's text into a link.
pub fn inert(text: &str, cap: usize) -> String {
    let chars: Vec<char> = shown(text, cap).chars().collect();
    let mut out = Capped::new(cap);
    for (at, &c) in chars.iter().enumerate() {
        let fits = match c {
            ':' if chars[at + 1..].starts_with(&['/', '/']) => out.push("[:]"),
            '.' | '。' | '．' | '｡' if joins_labels(&chars, at) => out.push("[.]"),
            _ => out.push(c.encode_utf8(&mut [0; 4])),
        };
        if !fits {
            break;
        }
    }
    out.text
}

/// A dot between a letter or digit and two letters can be read as a host name.
fn joins_labels(chars: &[char], at: usize) -> bool {
    let before = at.checked_sub(1).is_some_and(|i| chars[i].is_alphanumeric());
    let after = chars[at + 1..].iter().take(2).filter(|c| c.is_alphabetic()).count() == 2;
    before && after
}

/// A whole composed line for plain text or a terminal: nothing in it moves a cursor or turns the reading direction.
pub fn line(text: &str) -> String {
    visible(text, usize::MAX)
}

/// Several lines of ours in which names of others stand, such as those of files, for a terminal: the same, but line breaks and blanks stay.
pub fn lines(text: &str) -> String {
    let is_seen = |c: char| c == '\n' || !(c.is_control() || hidden(c));
    if text.chars().all(is_seen) {
        return text.to_owned();
    }
    text.chars().map(|c| if is_seen(c) { c.to_string() } else { c.escape_default().to_string() }).collect()
}

/// Text for Slack, at most `cap` UTF-16 units: `&`, `<` and `>` escaped as Slack asks (so no `<!here>`, no `<@U…>`, no
/// link), and no bare `@channel` (`[@]channel`). It belongs in `text` and in `plain_text` objects. Line breaks are ours and
/// stay.
pub fn slack(text: &str, cap: usize) -> String {
    let visible: Vec<String> = text.split('\n').map(line_with_indent).collect();
    let visible = visible.join("\n");
    let mut out = Capped::utf16(cap);
    for (at, c) in visible.char_indices() {
        let fits = match c {
            '&' => out.push("&amp;"),
            '<' => out.push("&lt;"),
            '>' => out.push("&gt;"),
            '@' if mentions_all(&visible[at + 1..]) => out.push("[@]"),
            _ => out.push(c.encode_utf8(&mut [0; 4])),
        };
        if !fits {
            break;
        }
    }
    out.text
}

/// The same for the elements of a `rich_text` block, whose text is taken as it stands: no escape would be read back, so
/// that `<` and `>` are shown as their likes. Spaces at both ends stay: they part it from what stands beside it.
pub(crate) fn slack_rich(text: &str, cap: usize) -> String {
    let mut out = Capped::utf16(cap);
    for (at, c) in text.char_indices() {
        let fits = match c {
            '<' => out.push("‹"),
            '>' => out.push("›"),
            '@' if mentions_all(&text[at + 1..]) => out.push("[@]"),
            _ if c.is_control() || hidden(c) => out.push(&c.escape_default().to_string()),
            _ => out.push(c.encode_utf8(&mut [0; 4])),
        };
        if !fits {
            break;
        }
    }
    out.text
}

/// `line`, keeping leading spaces.
fn line_with_indent(text: &str) -> String {
    let body = text.trim_start_matches(' ');
    format!("{}{}", " ".repeat((text.len() - body.len()).min(8)), line(body))
}

fn mentions_all(after: &str) -> bool {
    let after: String = after.chars().take(8).collect::<String>().to_ascii_lowercase();
    ["channel", "here", "everyone", "group"].iter().any(|word| after.starts_with(word))
}

/// Characters that show nothing or change how others are shown (Unicode `Default_Ignorable_Code_Point`, the
/// bidirectional controls, line and paragraph separators, and the interlinear marks).
pub fn hidden(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Text that grows up to a limit, never ends inside an escape, and says with `…` that more was there.
struct Capped {
    text: String,
    left: usize,
    width: fn(&str) -> usize,
}

impl Capped {
    fn new(cap: usize) -> Self {
        Self { text: String::new(), left: cap, width: |piece| piece.chars().count() }
    }

    fn utf16(cap: usize) -> Self {
        Self { width: |piece| piece.encode_utf16().count(), ..Self::new(cap) }
    }

    /// Appends `piece` whole, or `…` in the last place and answers `false`.
    fn push(&mut self, piece: &str) -> bool {
        let width = (self.width)(piece);
        if width < self.left {
            self.text.push_str(piece);
            self.left -= width;
            return true;
        }
        if self.left > 0 {
            self.text.push('…');
            self.left = 0;
        }
        false
    }
}

/// An address that may become a link: ours (`Case.page`), and still only when nothing in it could end the link early.
pub fn link(page: &str) -> Option<&str> {
    let scheme = page.starts_with("https://") || page.starts_with("http://");
    let clean = page.bytes().all(|b| b.is_ascii_graphic() && !b"<>\"'`|\\".contains(&b));
    (scheme && clean && page.len() <= 500).then_some(page)
}

/// The address of a private index as the inventory has it, without the credentials that it may carry.
pub fn without_credentials(address: &str) -> String {
    shown(&address::bare(address), 120)
}

/// An argument for a shell, quoted when it must be (finding keys hold `|`). Controls are gone before it gets here.
pub fn shell(argument: &str) -> String {
    let argument = line(argument);
    let bare = |b: u8| b.is_ascii_alphanumeric() || b"@%+=:,./_-".contains(&b);
    if !argument.is_empty() && argument.bytes().all(bare) {
        return argument;
    }
    format!("'{}'", argument.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn controls_and_directions_are_written_out() {
        assert_eq!(
            shown("a\u{1b}[31mb\r\nBcc: x\u{202e}c\u{200b}d\0\u{9b}", 200),
            r"a\u{1b}[31mb\r\nBcc: x\u{202e}c\u{200b}d\u{0}\u{9b}"
        );
        assert_eq!(shown("  much   space\u{3000}\u{a0}here  ", 200), "much space here");
        assert_eq!(shown("tag\u{e0041} soft\u{ad}hyphen", 200), r"tag\u{e0041} soft\u{ad}hyphen");
        assert_eq!(shown("naïve 日本語 ok", 200), "naïve 日本語 ok");
    }

    #[test]
    fn long_text_is_cut_between_characters_and_escapes() {
        assert_eq!(shown("abcdef", 4), "abc…");
        assert_eq!(shown("abcd", 4), "abc…", "the last place is kept for the mark");
        assert_eq!(shown("ab\u{1b}cd", 6), "ab…");
        assert_eq!(shown(&"x".repeat(10_000), 80).chars().count(), 80);
        assert_eq!(slack(&"<".repeat(10_000), 10), "&lt;&lt;…");
        assert_eq!(slack(&"😀".repeat(9), 6), "😀😀…", "Slack counts UTF-16 units");
        assert_eq!(shown("x", 0), "");
    }

    #[test]
    fn addresses_cannot_be_clicked() {
        assert_eq!(inert("see https://evil.example/a.b now", 99), "see https[:]//evil[.]example/a.b now");
        assert_eq!(inert("www.evil.com, me@evil.com", 99), "www[.]evil[.]com, me@evil[.]com");
        assert_eq!(inert("evil。com", 99), "evil[.]com");
        assert_eq!(inert("version 1.2.3 of it. And e.g. this", 99), "version 1.2.3 of it. And e.g. this");
    }

    #[test]
    fn slack_sees_no_mention_and_no_markup() {
        assert_eq!(slack("<!here> <@U1> & <https://x|y>", 99), "&lt;!here&gt; &lt;@U1&gt; &amp; &lt;https://x|y&gt;");
        assert_eq!(slack("@channel @Here @bob", 99), "[@]channel [@]Here @bob");
        assert_eq!(slack("one\n  two\u{1b}", 99), "one\n  two\\u{1b}");
        assert_eq!(
            slack_rich(" <!here> &lt;!here&gt; @here\n\u{202e}", 99),
            " ‹!here› &lt;!here&gt; [@]here\\n\\u{202e}"
        );
        assert_eq!(slack_rich(&"x".repeat(10_000), 10), "xxxxxxxxx…");
    }

    #[test]
    fn a_stranger_marks_nothing_as_code() {
        assert_eq!(shown("`rm -rf` ```x```", 99), "'rm -rf' '''x'''");
        assert_eq!(visible("`x`", 99), "`x`", "a program gets what was written");
    }

    #[test]
    fn only_a_plain_address_becomes_a_link() {
        assert_eq!(link("https://pypi.example/project/x/"), Some("https://pypi.example/project/x/"));
        for bad in ["javascript:alert(1)", "https://x/\"onclick", "https://x|y", "https://x y", "https://x>", "//x"] {
            assert_eq!(link(bad), None, "{bad}");
        }
    }

    #[test]
    fn an_address_loses_its_credentials() {
        let bare = "https://index.acme.example/simple";
        assert_eq!(without_credentials("https://u:p@ss@index.acme.example/simple?token=x#y"), bare);
        assert_eq!(without_credentials(bare), bare);
        assert_eq!(without_credentials("https://index.acme.example?token=x"), "https://index.acme.example");
        assert_eq!(without_credentials("devpi"), "devpi");
        assert_eq!(without_credentials("//u:p@index.acme.example/simple"), "index.acme.example/simple");
    }

    #[test]
    fn keys_survive_a_shell() {
        assert_eq!(shell("a@1|name:a"), "'a@1|name:a'");
        assert_eq!(shell("it's\n$(x)"), r"'it'\''s\n$(x)'");
        assert_eq!(shell("plain"), "plain");
        assert_eq!(shell(""), "''");
    }

    #[test]
    fn a_second_pass_changes_nothing() {
        let evil = "a\u{1b}\u{202e}b  https://evil.example <x> me@evil.com\r\n";
        let once = inert(evil, 200);
        assert_eq!(inert(&once, 200), once);
        assert_eq!(line(&once), once);
    }
}
