//! Who hears of a daemon that is dead? It is not there to say so, and something has to start the last resort.

use std::path::Path;

use super::super::last_resort;
use crate::api::v1::Diagnosis;
use crate::config::Settings;

/// Where the last resort finds a mail program.
const MAIL_PROGRAMS: &[&str] = &["/usr/sbin/sendmail", "/usr/bin/sendmail", "/usr/local/sbin/sendmail"];
/// Where systemd looks for units of the system (systemd.unit(5)), but for those that it makes itself.
const UNITS: &[&str] = &[
    "/etc/systemd/system",
    "/run/systemd/system",
    "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",
    "/lib/systemd/system",
];
/// Where systemd is what runs the machine (sd_booted(3)).
const BOOTED: &str = "/run/systemd/system";
const DAEMON: &str = "namewarden.service";
const RESORT: &str = "namewarden-failure@.service";

/// What starts the last resort on this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Starter {
    Unit,
    /// systemd runs the daemon, and knows no unit to start when that fails.
    UnitMissing,
    /// Neither unit is there: systemd runs the daemon by another one, or somebody else does.
    Elsewhere,
    NoSystemd,
}

pub(super) fn diagnosis(settings: &Settings) -> Diagnosis {
    let starter = starter(Path::new(BOOTED).is_dir(), |unit| {
        // Not /dev/null, to which one that is masked leads.
        UNITS.iter().any(|directory| Path::new(directory).join(unit).is_file())
    });
    judged(reaches_somebody(settings), starter)
}

/// Where nobody in the inventory can be read that is a diagnosis of its own, and says nothing of channels.
fn reaches_somebody(settings: &Settings) -> bool {
    let told = last_resort::inventory(settings).map_or(true, |known| !last_resort::remote(settings, &known).is_empty());
    told || MAIL_PROGRAMS.iter().any(|program| Path::new(program).exists())
}

fn starter(booted: bool, installed: impl Fn(&str) -> bool) -> Starter {
    match (booted, installed(RESORT), installed(DAEMON)) {
        (false, ..) => Starter::NoSystemd,
        (true, true, _) => Starter::Unit,
        (true, false, true) => Starter::UnitMissing,
        (true, false, false) => Starter::Elsewhere,
    }
}

fn judged(reaches: bool, starter: Starter) -> Diagnosis {
    let nobody = "when the daemon is dead nobody hears of it: ";
    let trouble = match starter {
        _ if !reaches => Some(
            "the default owner has no channel but the console, and this machine has no sendmail; give the default owner a \
             channel"
                .to_owned(),
        ),
        Starter::UnitMissing => Some(format!(
            "{RESORT}, which {DAEMON} starts then, is not where systemd looks for it, or is masked. {}",
            install(RESORT)
        )),
        Starter::Unit | Starter::Elsewhere | Starter::NoSystemd => None,
    };
    let remark = match starter {
        _ if trouble.is_some() => None,
        Starter::Unit | Starter::UnitMissing => None,
        Starter::Elsewhere => Some(format!(
            "neither {DAEMON} nor {RESORT} is where systemd looks: unless your own unit starts `namewarden last-resort` by its \
             OnFailure=, {nobody}nothing starts it. {}",
            install("*.service")
        )),
        Starter::NoSystemd => Some(format!(
            "this machine has no systemd, which would start it: unless whatever supervises the daemon runs `namewarden \
             last-resort` when it gives up, {nobody}nothing starts it"
        )),
    };
    let trouble = trouble.map(|why| format!("{nobody}{why}"));
    Diagnosis { part: "last-resort".to_owned(), which: None, trouble, remark }
}

/// As the README installs them.
fn install(units: &str) -> String {
    format!("Install: install -m 0644 'systemd/{units}' /usr/lib/systemd/system/ && systemctl daemon-reload")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_starts_it_is_looked_for_where_systemd_looks() {
        let only = |unit: &'static str| move |asked: &str| asked == unit;
        assert_eq!(starter(false, |_| true), Starter::NoSystemd);
        assert_eq!(starter(true, |_| true), Starter::Unit);
        assert_eq!(starter(true, only(RESORT)), Starter::Unit, "another unit of theirs may start it");
        assert_eq!(starter(true, only(DAEMON)), Starter::UnitMissing);
        assert_eq!(starter(true, |_| false), Starter::Elsewhere);
    }

    /// It is good without a word only where it is started, and somebody hears it then.
    #[test]
    fn nothing_is_good_without_a_word_that_nobody_starts_or_nobody_hears() {
        for starter in [Starter::Unit, Starter::UnitMissing, Starter::Elsewhere, Starter::NoSystemd] {
            let deaf = judged(false, starter);
            assert!(deaf.trouble.is_some_and(|why| why.contains("no channel but the console")), "{starter:?}");
            let heard = judged(true, starter);
            let said = heard.trouble.iter().chain(&heard.remark).cloned().collect::<String>();
            assert_eq!(heard.trouble.is_some(), starter == Starter::UnitMissing);
            assert_eq!(said.is_empty(), starter == Starter::Unit, "{said}");
            assert_eq!(
                said.contains("install -m 0644"),
                !matches!(starter, Starter::Unit | Starter::NoSystemd),
                "{said}"
            );
        }
        let remark = judged(true, Starter::NoSystemd).remark.expect("a remark");
        assert!(remark.contains("`namewarden last-resort`") && remark.contains("nobody hears of it"), "{remark}");
    }
}
