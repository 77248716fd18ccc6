//! The options of requirements files: what stands behind them. pip passes over every word that is neither an option nor the value
//! of one, so that a requirement there is none, and whoever wrote it does not know.

/// Those without a value.
const FLAGS: [&str; 10] = [
    "--no-index",
    "--pre",
    "--prefer-binary",
    "--require-hashes",
    "--process-dependency-links",
    "--always-unzip",
    "--emit-index-url",
    "--no-deps",
    "--no-build-isolation",
    "-Z",
];

/// Are there options and a value for each, and nothing else?
pub(super) fn has_only_options(text: &str) -> bool {
    let mut wants_value = false;
    for word in words(text) {
        if !word.starts_with('-') && !std::mem::take(&mut wants_value) {
            return false;
        }
        if word.starts_with('-') {
            // `-ihttps://…` has its value at once.
            let has_value = word.contains('=') || !word.starts_with("--") && word.len() > 2;
            wants_value = !has_value && !FLAGS.contains(&word);
        }
    }
    true
}

/// Between blanks that do not stand in quotes.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut quote = None;
    let is_between = move |c: char| {
        match quote {
            Some(open) if c == open => quote = None,
            None if matches!(c, '"' | '\'') => quote = Some(c),
            _ => {}
        }
        quote.is_none() && c.is_whitespace()
    };
    text.split(is_between).filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_options_and_their_values() {
        for text in [
            "--hash=sha256:aa --hash=sha256:bb",
            "--hash sha256:aa",
            "-i https://i.example/simple --trusted-host i.example",
            "-ihttps://i.example/simple",
            "--pre --no-index -f ./dist",
            "--global-option=\"--with x\" --config-settings 'a=b c'",
            "-C \"--x=y z\"",
            "-c base.txt",
        ] {
            assert!(has_only_options(text), "{text}");
        }
        for text in ["--pre acme", "--hash=sha256:aa acme==1.0", "-i https://i.example acme", "-c a.txt b.txt"] {
            assert!(!has_only_options(text), "{text}");
        }
    }
}
