//! Tells when the clock of this machine is wrong beside PyPI's: it may have been so from the start, and then it never steps.

use super::engine::Engine;
use crate::cases::coverage::about;
use crate::model::health::HealthIssue;
use crate::store::StoreError;
use crate::upstream::bearing::Offset;

/// Raises or resolves the issue when what PyPI's answers say of our clock is another than what was `said` last.
pub(super) async fn compare(engine: &Engine, said: &mut Option<Offset>) -> Result<(), StoreError> {
    let Some(offset) = engine.pypi.bearing().offset() else { return Ok(()) };
    let same = said.is_some_and(|said| std::mem::discriminant(&said) == std::mem::discriminant(&offset));
    if same {
        return Ok(());
    }
    match detail(offset) {
        Some(detail) => {
            tracing::warn!("{detail}");
            // The side may have changed: what is told has to be true of now.
            engine.resolve(HealthIssue::ClockWrong).await?;
            engine.raise(HealthIssue::ClockWrong, detail).await?;
        }
        None => engine.resolve(HealthIssue::ClockWrong).await?,
    }
    *said = Some(offset);
    Ok(())
}

/// How far the clock of this machine is off, in words; `None` where it is right.
pub fn clock_off(offset: Offset) -> Option<String> {
    let (by, side) = match offset {
        Offset::Right => return None,
        Offset::Behind(by) => (by, "behind PyPI's"),
        Offset::Ahead(by) => {
            (by, "ahead of PyPI's, unless something between passes on answers that are as old as that")
        }
    };
    Some(format!("the clock of this machine is {} {side}", about(by)))
}

fn detail(offset: Offset) -> Option<String> {
    let off = clock_off(offset)?;
    Some(format!(
        "{off}; times in messages and reports are wrong by as much, and whatever goes by dates comes at another time than it says; no package is published meanwhile; let the machine follow a time server, and the daemon \
         moves what is stored with the clock, without a restart"
    ))
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn it_says_by_how_much_on_which_side_and_what_to_do() {
        assert_eq!(detail(Offset::Right), None);
        let behind = detail(Offset::Behind(TimeDelta::days(800))).expect("wrong");
        assert!(behind.starts_with("the clock of this machine is 800 d behind PyPI's; "), "{behind}");
        let ahead = detail(Offset::Ahead(TimeDelta::hours(3))).expect("wrong");
        assert!(
            ahead.starts_with("the clock of this machine is 3 h ahead of PyPI's, unless something between"),
            "{ahead}"
        );
        assert!(ahead.contains("follow a time server"), "{ahead}");
    }
}
