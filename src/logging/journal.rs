//! Lines as systemd's journal takes them from standard error: the priority in front (sd-daemon(3), `SyslogLevelPrefix=`),
//! the message, and its fields as `name=value`. `journalctl -p warning` shows what needs a look; the time is the journal's.

use std::fmt::{self, Write as _};

use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

pub(super) struct Journal;

impl<S, N> FormatEvent<S, N> for Journal
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, _: &FmtContext<'_, S, N>, mut out: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let mut line = Line::default();
        event.record(&mut line);
        write_lines(&mut out, priority(*event.metadata().level()), &format!("{}{}", line.message, line.fields))
    }
}

/// The priorities of syslog(3).
fn priority(level: Level) -> u8 {
    match level {
        Level::ERROR => 3,
        Level::WARN => 4,
        Level::INFO => 6,
        Level::DEBUG | Level::TRACE => 7,
    }
}

/// Each line of a text has its priority, or the journal would take those after the first for something else.
fn write_lines(out: &mut impl fmt::Write, priority: u8, text: &str) -> fmt::Result {
    text.lines().try_for_each(|line| writeln!(out, "<{priority}>{}", plain(line)))
}

/// What a terminal would obey is written out.
fn plain(line: &str) -> String {
    let escaped = |c: char| if c.is_control() { c.escape_default().to_string() } else { c.to_string() };
    line.chars().map(escaped).collect()
}

#[derive(Default)]
struct Line {
    message: String,
    fields: String,
}

impl Line {
    fn put(&mut self, field: &Field, value: &str) {
        // A String takes any text.
        let _ = match field.name() {
            "message" => write!(self.message, "{value}"),
            name => write!(self.fields, " {name}={}", quoted(value)),
        };
    }
}

/// Quoted where the end of the value would else be unclear.
fn quoted(value: &str) -> String {
    let bare = !value.is_empty() && !value.contains([' ', '"', '=', '\n', '\t']);
    if bare { value.to_owned() } else { format!("\"{}\"", value.replace('"', "'")) }
}

impl Visit for Line {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, value);
    }

    /// Also what was given as `%value`, whose `Debug` is its `Display`.
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field, &format!("{value:?}"));
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use proptest::prelude::*;

    use super::*;

    #[derive(Clone, Default)]
    struct Heard(Arc<Mutex<Vec<u8>>>);

    impl Write for Heard {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().expect("one thread").extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn an_event_is_one_line_with_its_priority_and_its_fields() {
        let heard = Heard::default();
        let out = heard.clone();
        let log = tracing_subscriber::fmt().with_writer(move || out.clone()).event_format(Journal).finish();
        tracing::subscriber::with_default(log, || {
            tracing::info!(feed = "rss", new = 3, error = %"a b", "poll applied");
            tracing::warn!(name = "x\u{1b}[31m", empty = "", "looks\u{1b}like");
            tracing::error!("two\nlines");
        });
        let said = String::from_utf8(heard.0.lock().expect("one thread").clone()).expect("text");
        insta::assert_snapshot!(said, @r#"
        <6>poll applied feed=rss new=3 error="a b"
        <4>looks\u{1b}like name=x\u{1b}[31m empty=""
        <3>two
        <3>lines
        "#);
    }

    fn logged(message: &str, field: &str) -> String {
        let heard = Heard::default();
        let out = heard.clone();
        let log = tracing_subscriber::fmt().with_writer(move || out.clone()).event_format(Journal).finish();
        tracing::subscriber::with_default(log, || tracing::warn!(said = field, more = %field, "{message}"));
        let bytes = heard.0.lock().expect("one thread").clone();
        String::from_utf8(bytes).expect("text")
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

        /// Whatever a stranger wrote, each line has the priority of its event and moves nothing on a terminal.
        #[test]
        fn no_text_gives_itself_a_priority_or_moves_a_terminal(
            message in "[\\x00-\\x7f]{0,30}(\n<[0-7]>forged)?|\\PC{0,30}", field in "[\\x00-\\x9f]{0,30}|(a\" level=\"<0>|\n<0>x){0,3}",
        ) {
            let said = logged(&message, &field);
            prop_assert!(said.ends_with('\n') && !said.is_empty(), "{:?}", said);
            for line in said.lines() {
                prop_assert!(line.starts_with("<4>"), "{:?} in {:?}", line, said);
                prop_assert!(!line.contains(char::is_control), "{:?}", line);
            }
        }

        /// A value ends where it seems to: what stands in it is no other field.
        #[test]
        fn no_value_is_read_as_another_field(field in "[ -~]{0,40}") {
            let said = logged("m", &field);
            let value = said.strip_prefix("<4>m said=").and_then(|rest| rest.split(" more=").next()).expect("it is said");
            let bare = !value.starts_with('"');
            let inner = if bare { value } else { value.trim_matches('"') };
            prop_assert!(!inner.contains('"') && (!bare || !inner.contains([' ', '='])), "{:?}", said);
        }
    }
}
