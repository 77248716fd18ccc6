//! `namewarden status --watch`: the terminal, its keys, and the looks.

use std::io::{self, IsTerminal as _};
use std::process::ExitCode;
use std::time::Duration;

use crossterm::event::{Event, EventStream, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use futures_util::StreamExt as _;
use ratatui::DefaultTerminal;

use super::super::call::Call;
use super::super::failure::Failure;
use super::super::signals::Signals;
use super::asked::{cases, glance};
use super::screen::{Screen, Seen};
use crate::clock::Clock;

/// Cases that are asked for at a time; no screen is higher.
const CASES: usize = 200;
/// By a page key.
const PAGE: isize = 10;

/// What a key asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wish {
    End,
    Look,
    Scroll(isize),
    Top,
}

/// Shows how the watch stands until a key or a signal ends it; the terminal is then as it was.
///
/// # Errors
/// When standard input or output is no terminal, or the terminal fails.
pub(super) async fn run(call: &Call, every: Duration) -> Result<ExitCode, Failure> {
    if !(io::stdin().is_terminal() && io::stdout().is_terminal()) {
        let remedy = "`namewarden status` prints it once, and with --format json for programs";
        return Err(Failure::usage(format!("--watch needs a terminal for its keys and its view: {remedy}")));
    }
    let mut signals = Signals::listen()?;
    let mut terminal = ratatui::try_init().map_err(|e| Failure::failed(&e))?;
    let ended = tokio::select! {
        ended = show(&mut terminal, call, every) => ended,
        () = signals.end() => Ok(()),
    };
    ratatui::restore();
    ended.map(|()| ExitCode::SUCCESS).map_err(|e| Failure::failed(&e))
}

async fn show(terminal: &mut DefaultTerminal, call: &Call, every: Duration) -> io::Result<()> {
    let (mut screen, mut keys) = (Screen::default(), EventStream::new());
    let mut next = Box::pin(look(call, Duration::ZERO));
    loop {
        terminal.draw(|frame| screen.draw(frame, Clock::System.now()))?;
        tokio::select! {
            seen = &mut next => {
                screen.take(seen);
                next.set(look(call, every));
            }
            event = keys.next() => match event.transpose()?.map(wish) {
                // The terminal is gone.
                None | Some(Some(Wish::End)) => return Ok(()),
                Some(Some(Wish::Look)) => next.set(look(call, Duration::ZERO)),
                Some(Some(Wish::Scroll(by))) => screen.scroll(by),
                Some(Some(Wish::Top)) => screen.top(),
                // The size of the terminal, say: it is drawn again.
                Some(None) => {}
            }
        }
    }
}

async fn look(call: &Call, after: Duration) -> Seen {
    tokio::time::sleep(after).await;
    let glance = glance(call).await;
    // Who does not answer is not asked twice.
    let cases = if glance.is_ok() { cases(call, CASES).await } else { Ok(Vec::new()) };
    Seen { glance, cases }
}

fn wish(event: Event) -> Option<Wish> {
    let Event::Key(KeyEvent { code, modifiers, kind: KeyEventKind::Press, .. }) = event else { return None };
    let control = modifiers.contains(KeyModifiers::CONTROL);
    match code {
        KeyCode::Char('c' | 'd') if control => Some(Wish::End),
        KeyCode::Char('q') | KeyCode::Esc => Some(Wish::End),
        KeyCode::Char('r') => Some(Wish::Look),
        KeyCode::Char('j') | KeyCode::Down => Some(Wish::Scroll(1)),
        KeyCode::Char('k') | KeyCode::Up => Some(Wish::Scroll(-1)),
        KeyCode::PageDown | KeyCode::Char(' ') => Some(Wish::Scroll(PAGE)),
        KeyCode::PageUp => Some(Wish::Scroll(-PAGE)),
        KeyCode::Home | KeyCode::Char('g') => Some(Wish::Top),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_has_its_meaning_and_the_others_have_none() {
        let press = |code, modifiers| wish(Event::Key(KeyEvent::new(code, modifiers)));
        let plain = |code| press(code, KeyModifiers::NONE);
        assert_eq!(plain(KeyCode::Char('q')), Some(Wish::End));
        assert_eq!(press(KeyCode::Char('c'), KeyModifiers::CONTROL), Some(Wish::End));
        assert_eq!(plain(KeyCode::Char('c')), None);
        assert_eq!(plain(KeyCode::Down), Some(Wish::Scroll(1)));
        assert_eq!(plain(KeyCode::PageUp), Some(Wish::Scroll(-PAGE)));
        assert_eq!(wish(Event::Resize(80, 24)), None);
    }
}
