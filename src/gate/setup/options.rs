//! Options of a list of requirements, as pip takes them (`pip/_internal/req/req_file.py`, by `optparse`): any of them on a line, each word as a
//! shell has it, and a long one cut short where it can be no other.

/// Those that a value follows.
const VALUED: [&str; 14] = [
    "--index-url",
    "--pypi-url",
    "--extra-index-url",
    "--constraint",
    "--requirement",
    "--editable",
    "--find-links",
    "--no-binary",
    "--only-binary",
    "--all-releases",
    "--only-final",
    "--trusted-host",
    "--use-feature",
    "--hash",
];
/// Those that stand alone. Without `--config-settings`: a pip from before that takes what begins as both for `--constraint`.
const ALONE: [&str; 5] = ["--no-index", "--prefer-binary", "--require-hashes", "--no-require-hashes", "--pre"];
/// One letter, which its value may follow at once.
const SHORT: [(&str, &str); 5] = [
    ("-i", "--index-url"),
    ("-c", "--constraint"),
    ("-r", "--requirement"),
    ("-e", "--editable"),
    ("-f", "--find-links"),
];

/// Each that has a value on a line that begins with one, in its order: its whole name, and the value.
pub(super) fn options(line: &str) -> Vec<(&'static str, String)> {
    let mut words = words(line).unwrap_or_default().into_iter();
    let mut all = Vec::new();
    while let Some(word) = words.next().filter(|word| word != "--") {
        // What is none of these, or of no option, is passed over.
        let Some((name, value)) = option(&word).filter(|(name, _)| VALUED.contains(name)) else { continue };
        let value = value.map(str::to_owned).or_else(|| words.next());
        all.extend(value.map(|value| (name, value)));
    }
    all
}

/// The option that a word is, and the value that it has itself.
pub(super) fn option(word: &str) -> Option<(&'static str, Option<&str>)> {
    if word.starts_with("--") {
        let (name, value) = word.split_once('=').map_or((word, None), |(name, value)| (name, Some(value)));
        return whole(name).map(|name| (name, value));
    }
    let (short, name) = SHORT.into_iter().find(|(short, _)| word.starts_with(short))?;
    let value = &word[short.len()..];
    Some((name, Some(value).filter(|value| !value.is_empty())))
}

/// The long option that begins so; `None`: there is none, or more than one.
pub(super) fn whole(begins: &str) -> Option<&'static str> {
    let mut all = VALUED.into_iter().chain(ALONE).filter(|name| name.starts_with(begins) && begins.len() > 2);
    let first = all.next()?;
    let others = all.collect::<Vec<_>>();
    others.iter().copied().chain([first]).find(|name| *name == begins).or(others.is_empty().then_some(first))
}

/// As a shell takes them and pip does (`shlex`); `None`: a quotation has no end.
fn words(text: &str) -> Option<Vec<String>> {
    let (mut all, mut word, mut quote, mut letters) = (Vec::new(), None::<String>, None::<char>, text.chars());
    while let Some(letter) = letters.next() {
        if letter.is_whitespace() && quote.is_none() {
            all.extend(word.take());
            continue;
        }
        let word = word.get_or_insert_default();
        match (letter, quote) {
            (letter, Some(open)) if letter == open => quote = None,
            ('"' | '\'', None) => quote = Some(letter),
            ('\\', None | Some('"')) => word.extend(letters.next()),
            (letter, _) => word.push(letter),
        }
    }
    all.extend(word);
    quote.is_none().then_some(all)
}
