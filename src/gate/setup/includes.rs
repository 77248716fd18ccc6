//! Which other files a list of requirements names (pip's `requirements-file-format`): what stands there is installed, or holds, as if it
//! stood here. So it is in the part for pip of an environment of conda.

use super::past::bare;

/// Another file, as it is named: its path begins where the naming file is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Include {
    /// Where the option begins.
    pub line: usize,
    pub path: String,
}

const LONG: [&str; 2] = ["--requirement", "--constraint"];
const SHORT: [&str; 2] = ["-r", "-c"];

/// Each of them, in the order of the text. What stands in a command (`pip install -r FILE`) is of whoever runs that, wherever they stand,
/// and what is an address is none of these.
pub fn includes(text: &str) -> Vec<Include> {
    let mut all = Vec::new();
    let mut before: Option<(usize, String)> = None;
    for (at, line) in text.lines().enumerate() {
        let (number, mut whole) = before.take().unwrap_or((at + 1, String::new()));
        let broken = line.trim_end().strip_suffix('\\').filter(|body| !body.trim_start().starts_with('#'));
        whole.push_str(broken.unwrap_or(line));
        match broken {
            Some(_) => before = Some((number, whole)),
            None => all.extend(named(&whole).map(|path| Include { line: number, path })),
        }
    }
    // The last line may end as if another followed.
    all.extend(before.and_then(|(line, whole)| named(&whole).map(|path| Include { line, path })));
    all
}

fn named(line: &str) -> Option<String> {
    let text = bare(line).trim();
    let option = text.strip_prefix("- ").map_or(text, str::trim_start);
    let is_between = |c: char| c.is_whitespace() || c == '=';
    let long = LONG.iter().find_map(|name| option.strip_prefix(name).filter(|rest| rest.starts_with(is_between)));
    let value = long.or_else(|| SHORT.iter().find_map(|name| option.strip_prefix(name)))?;
    let path = word(value.trim_start_matches(is_between))?;
    (!path.contains("://")).then_some(path)
}

/// The first, as a shell takes it and pip does (`shlex`); `None`: there is none, or it has no end.
fn word(text: &str) -> Option<String> {
    let (mut word, mut quote, mut letters) = (String::new(), None::<char>, text.chars());
    while let Some(letter) = letters.next() {
        match (letter, quote) {
            (letter, Some(open)) if letter == open => quote = None,
            ('"' | '\'', None) => quote = Some(letter),
            ('\\', None | Some('"')) => word.extend(letters.next()),
            (letter, None) if letter.is_whitespace() => break,
            (letter, _) => word.push(letter),
        }
    }
    (quote.is_none() && !word.is_empty()).then_some(word)
}
