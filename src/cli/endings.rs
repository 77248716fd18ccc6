//! With which exit status each verb ends, and what that means. One table: `--help` and the manual pages show a verb its part
//! of it, and `docs/exit-status.md` is all of it, which tests keep equal and run through.

use clap::Command;

/// An exit status, and when a verb ends with it.
pub type Ending = (u8, &'static str);

const FAILED: Ending = (1, "failed, or its output cannot be written");
const PARTLY: Ending = (1, "failed, in part or altogether, or its output cannot be written");
const USAGE: Ending = (2, "wrong usage");
/// As sysexits(3) has it: `EX_CONFIG`.
const CONFIGURATION: Ending = (78, "wrong configuration");
/// Of what opens the store where no daemon answers, and of the daemon itself.
const STORE: Ending = (78, "wrong configuration, or a store that a person must look at");

/// Of a verb without a configuration.
const fn free(done: &'static str) -> [Ending; 3] {
    [(0, done), FAILED, USAGE]
}

/// Of one that reads the configuration and the files that it names.
const fn reads(done: &'static str) -> [Ending; 4] {
    [(0, done), FAILED, USAGE, CONFIGURATION]
}

/// Of one that the daemon answers, or the store.
const fn asks(done: &'static str) -> [Ending; 4] {
    [(0, done), FAILED, USAGE, STORE]
}

/// The same of one that names several cases, each on its own.
const fn decides(done: &'static str) -> [Ending; 4] {
    [(0, done), PARTLY, USAGE, STORE]
}

/// One in whose result somebody may have to look at something.
const fn looks(done: &'static str, found: &'static str, last: Ending) -> [Ending; 5] {
    [(0, done), FAILED, USAGE, (3, found), last]
}

/// Every verb.
pub const ENDINGS: &[(&str, &[Ending])] = &[
    ("init", &free("the files are written")),
    ("run", &[(0, "stopped by a signal"), (1, "a worker failed, or another daemon has the store"), USAGE, STORE]),
    (
        "demo",
        &free(
            "told to end; with --once: the alert has arrived, the gate let no stranger's package through, and the name is ours",
        ),
    ),
    ("check", &looks("no name reaches --fail-on", "one does", CONFIGURATION)),
    ("scan", &looks("no name reaches --fail-on, and all could be read", "one does", CONFIGURATION)),
    ("preview", &looks("no more than --budget, and all could be read", "more than that would have alerted", STORE)),
    ("rules", &free("done")),
    ("inventory list", &asks("done")),
    ("inventory lint", &looks("no remark reaches --fail-on", "one does", CONFIGURATION)),
    ("inventory import", &looks("done", "more than --budget would have alerted", STORE)),
    ("inventory diff", &looks("a reload would not be held", "it would be held", CONFIGURATION)),
    ("inventory apply", &looks("in force, or unchanged", "held", STORE)),
    ("findings list", &asks("done")),
    ("findings show", &decides("done")),
    ("findings ack", &decides("done")),
    ("findings snooze", &decides("done")),
    ("findings resolve", &decides("done")),
    ("findings suppress", &decides("done")),
    ("findings reopen", &decides("done")),
    ("claim plan", &asks("done")),
    ("claim propose", &decides("done")),
    ("claim approve", &decides("done")),
    ("claim reject", &decides("done")),
    ("claim apply", &looks("done, or nothing is in the way", "something is in the way", STORE)),
    ("claim status", &decides("done")),
    ("claim retry", &decides("done")),
    ("claim abandon", &decides("done")),
    ("claim request", &asks("done")),
    ("claim agree", &asks("recorded")),
    ("claim build", &reads("built")),
    ("claim texts", &free("done")),
    (
        "claim upload",
        &[
            (0, "stopped by a signal; with --once: nothing that was let go is left to do"),
            (1, "failed; with --once: something was not taken, or cannot be sent for now"),
            USAGE,
            (75, "with --once: something waits for its turn, a quota or a look at PyPI, and goes on later by itself"),
            CONFIGURATION,
        ],
    ),
    ("gate", &reads("stopped by a signal; with --check: it would start")),
    ("gate reviews", &reads("done")),
    ("gate show", &reads("done")),
    ("gate approve", &reads("approved, or one of two persons agreed")),
    ("gate reject", &reads("rejected")),
    ("gate reopen", &reads("open again")),
    (
        "gate setup",
        &looks(
            "done, or nothing leads past the gate",
            "another index is in the way, or something leads past it",
            CONFIGURATION,
        ),
    ),
    ("gate login", &free("printed")),
    ("gate learn", &looks("done, or all of it is known", "something was not learned", CONFIGURATION)),
    (
        "gate preview",
        &looks("all of it would be given out", "something would be held, refused, or is not known", CONFIGURATION),
    ),
    ("gate share export", &reads("printed")),
    ("gate share import", &reads("put where the gate reads it; with --check: it could be")),
    ("gate who", &reads("done")),
    ("gate recalls", &reads("done")),
    (
        "gate records",
        &looks(
            "nothing is held back, or what lies there is accepted",
            "records are gone or older, and stay in force",
            CONFIGURATION,
        ),
    ),
    ("health list", &asks("done")),
    ("health ack", &asks("closed")),
    ("user list", &asks("done")),
    ("user add", &asks("added")),
    ("user remove", &asks("removed")),
    ("user role", &asks("changed")),
    ("user password", &asks("changed")),
    ("user link", &asks("made")),
    ("token list", &asks("done")),
    ("token create", &asks("made")),
    ("token revoke", &asks("revoked")),
    ("audit", &asks("done")),
    (
        "status",
        &[
            (0, "well, or open and in time; with --watch: its reader ended it"),
            (1, "something is undelivered for half a minute, or a feed is down"),
            (
                2,
                "no daemon that answers, blind, stale, or a page overdue: undelivered for two minutes, or not acknowledged in time",
            ),
            (3, "it cannot tell; wrong usage, too, a wrong configuration, and --watch without a terminal"),
        ],
    ),
    ("report", &asks("done")),
    ("metrics", &asks("done")),
    ("doctor", &[(0, "all is good"), (1, "something is wrong, or its output cannot be written"), USAGE, CONFIGURATION]),
    (
        "test-alert",
        &[(0, "all are delivered"), (1, "one is not, or its output cannot be written"), USAGE, CONFIGURATION],
    ),
    ("config check", &[(0, "the daemon would take it"), FAILED, USAGE, (78, "it would not")]),
    ("reload", &looks("in force, or unchanged", "the inventory is held, or a key asks for a restart", CONFIGURATION)),
    ("reconcile", &asks("done")),
    ("cursor get", &asks("done")),
    ("cursor set", &asks("done")),
    ("store check", &[(0, "sound"), (1, "damaged, or it cannot tell"), USAGE, STORE]),
    ("store backup", &asks("copied")),
    (
        "store accept-loss",
        &[(0, "nothing is lost, or it is accepted"), (1, "something is lost, or it failed"), USAGE, CONFIGURATION],
    ),
    ("last-resort", &[(0, "somebody was told"), (1, "nobody could be told"), USAGE, CONFIGURATION]),
    ("sim", &free("stopped by Ctrl-C")),
    ("completions", &free("done")),
    ("man", &free("done")),
];

/// Shows each verb of this command line how it ends.
pub(super) fn shown(line: Command) -> Command {
    below(line, "")
}

fn below(command: Command, above: &str) -> Command {
    let names: Vec<String> = command.get_subcommands().map(|below| below.get_name().to_owned()).collect();
    names.into_iter().fold(command, |command, name| {
        let path = format!("{above} {name}");
        command.mut_subcommand(name, |verb| match verb.has_subcommands() {
            // One may also stand alone.
            true => with_endings(below(verb, &path), path.trim_start()),
            false => with_endings(verb, path.trim_start()),
        })
    })
}

/// Below what it has to say otherwise.
fn with_endings(verb: Command, path: &str) -> Command {
    let Some((_, endings)) = ENDINGS.iter().find(|(verb, _)| *verb == path) else { return verb };
    let lines = endings.iter().map(|(status, when)| format!("\n  {status:<3} {when}"));
    let text = format!("Exit status:{}", lines.collect::<String>());
    match verb.get_after_long_help().map(ToString::to_string) {
        Some(more) => verb.after_long_help(format!("{more}\n\n{text}")).after_help(text),
        None => verb.after_help(text),
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;
    use std::path::Path;

    use clap::CommandFactory as _;

    use super::*;
    use crate::cli::Cli;

    const HEAD: &str = include_str!("endings.md");

    /// Options as code.
    fn marked(when: &str) -> String {
        let word = |word: &str| {
            let option = word.trim_end_matches([':', ',']);
            if word.starts_with("--") { word.replacen(option, &format!("`{option}`"), 1) } else { word.to_owned() }
        };
        when.split(' ').map(word).collect::<Vec<_>>().join(" ")
    }

    fn page() -> String {
        const STATUSES: [u8; 6] = [0, 1, 2, 3, 75, 78];
        let mut page = format!("{HEAD}\n| verb | 0 | 1 | 2 | 3 | 75 | 78 |\n|---|---|---|---|---|---|---|\n");
        for (verb, endings) in ENDINGS {
            let when = |of: u8| endings.iter().find(|(status, _)| *status == of).map(|(_, when)| marked(when));
            let cells = STATUSES.map(|status| when(status).unwrap_or_default());
            let _ = writeln!(page, "| `{verb}` | {} |", cells.join(" | "));
        }
        page
    }

    #[expect(clippy::disallowed_methods, reason = "asked by whoever runs the test")]
    fn is_to_be_written() -> bool {
        std::env::var_os("DOCS").is_some()
    }

    #[test]
    fn the_page_is_what_the_table_says() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/exit-status.md");
        if is_to_be_written() {
            std::fs::write(&path, page()).expect("writable");
        }
        let why = "DOCS=write cargo test --lib cli::endings writes it";
        assert_eq!(std::fs::read_to_string(path).unwrap_or_default(), page(), "{why}");
    }

    fn verbs(command: &Command, above: &str, all: &mut Vec<String>) {
        for verb in command.get_subcommands() {
            let path = format!("{above} {}", verb.get_name());
            match verb.has_subcommands() {
                true if verb.is_subcommand_required_set() => verbs(verb, &path, all),
                stands_alone => {
                    all.push(path.trim_start().to_owned());
                    if stands_alone {
                        verbs(verb, &path, all);
                    }
                }
            }
        }
    }

    #[test]
    fn every_verb_says_how_it_ends() {
        let mut all = Vec::new();
        verbs(&Cli::command(), "", &mut all);
        let told: Vec<&str> = ENDINGS.iter().map(|(verb, _)| *verb).collect();
        all.sort();
        let mut sorted = told.clone();
        sorted.sort_unstable();
        assert_eq!(all, sorted, "a verb has its endings in this table");
    }

    #[test]
    fn help_and_long_help_say_it() {
        for (verb, ..) in ENDINGS {
            for flag in ["-h", "--help"] {
                let words = ["namewarden"].into_iter().chain(verb.split(' ')).chain([flag]);
                let help = shown(Cli::command()).try_get_matches_from(words).expect_err("help").to_string();
                assert!(help.contains("Exit status:\n  0"), "{verb} {flag}:\n{help}");
            }
        }
    }
}
