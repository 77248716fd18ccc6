//! Commands in texts: written between backticks as for the unit, and shown as those of the watch that they are about.

/// They ask no watch: they read no configuration.
const FREE: [&str; 6] = ["init", "demo", "sim", "rules", "man", "completions"];

/// The words behind `namewarden` of a command that has to ask a watch: `findings list`. `None` for any other text.
fn asked(command: &str) -> Option<&str> {
    let words = command.strip_prefix("namewarden ")?;
    let verb = words.split(' ').next()?;
    let is_verb = !verb.is_empty() && verb.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
    (is_verb && !FREE.contains(&verb) && !words.contains("--config")).then_some(words)
}

/// A whole command, for the watch that `verb` makes commands for out of the words behind the program.
pub fn command(text: &str, verb: impl Fn(&str) -> String) -> String {
    asked(text).map_or_else(|| text.to_owned(), verb)
}

/// The same of every command between backticks.
pub fn fitted(text: &str, verb: impl Fn(&str) -> String) -> String {
    let parts = text.split('`').enumerate();
    let fit = |(at, part)| if at % 2 == 1 { command(part, &verb) } else { part.to_owned() };
    parts.map(fit).collect::<Vec<_>>().join("`")
}
