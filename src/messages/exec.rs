//! What a program gets: the facts that decide in its environment, all of them in the webhook's body on standard input.

use super::compose::laid_out;
use super::hostile::{link, visible};
use super::marks::bare;
use super::{pip, subject, webhook};
use crate::model::Channel;
use crate::model::notice::{Briefing, Case, Content};

/// Of one value.
const VALUE: usize = 1_000;

/// One message for a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProgramInput {
    /// Names and values. No value holds a control character; `config/exec.md` says what each means.
    pub environment: Vec<(&'static str, String)>,
    /// JSON on one line, with a line break at its end.
    pub input: String,
}

pub(crate) fn facts(briefing: &Briefing, channel: &Channel) -> ProgramInput {
    let layout = laid_out(briefing);
    let mut environment = vec![
        ("NAMEWARDEN_EVENT", briefing.event.as_str().to_owned()),
        ("NAMEWARDEN_TIER", briefing.tier.as_str().to_owned()),
        ("NAMEWARDEN_MARK", layout.mark.to_owned()),
        ("NAMEWARDEN_KEY", briefing.key.0.clone()),
        ("NAMEWARDEN_THREAD", briefing.thread.clone()),
        ("NAMEWARDEN_OWNER", briefing.owner.0.clone()),
        ("NAMEWARDEN_CHANNEL", channel.to_string()),
        ("NAMEWARDEN_MACHINE", briefing.origin.machine.clone()),
        ("NAMEWARDEN_INSTANCE", briefing.origin.instance.clone().unwrap_or_default()),
        ("NAMEWARDEN_SUBJECT", subject::headline(briefing)),
        ("NAMEWARDEN_URL", briefing.dashboard.as_deref().and_then(link).unwrap_or_default().to_owned()),
    ];
    environment.extend(first(briefing).into_iter().flat_map(of_case));
    let environment = environment.into_iter().map(|(name, value)| (name, visible(&value, VALUE))).collect();
    ProgramInput { environment, input: format!("{}\n", webhook::body(briefing)) }
}

/// The most urgent case.
fn first(briefing: &Briefing) -> Option<&Case> {
    match &briefing.content {
        Content::Cases { cases, .. } => cases.first(),
        _ => None,
    }
}

fn of_case(case: &Case) -> Vec<(&'static str, String)> {
    let finding = &case.finding;
    let watch = finding.first().map(|threat| threat.watch.label()).unwrap_or_default();
    vec![
        ("NAMEWARDEN_FINDING", finding.key.to_string()),
        ("NAMEWARDEN_ID", finding.id.map(String::from).unwrap_or_default()),
        ("NAMEWARDEN_PROJECT", finding.project().to_string()),
        ("NAMEWARDEN_STATE", finding.state.as_str().to_owned()),
        ("NAMEWARDEN_WATCH", watch),
        ("NAMEWARDEN_ADDRESS", link(&case.address).unwrap_or_default().to_owned()),
        ("NAMEWARDEN_REASON", bare(&pip::sentence(case))),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages::samples::{registered, torchtriton};

    #[test]
    fn the_environment_says_what_decides() {
        let facts = facts(&registered(vec![torchtriton()]), &Channel::Exec("ticket".to_owned()));
        let lines: Vec<String> = facts.environment.iter().map(|(name, value)| format!("{name}={value}")).collect();
        insta::assert_snapshot!(lines.join("\n"), @"
        NAMEWARDEN_EVENT=registered
        NAMEWARDEN_TIER=page
        NAMEWARDEN_MARK=page
        NAMEWARDEN_KEY=0123456789abcdef0123456789abcdef
        NAMEWARDEN_THREAD=torchtriton@1672005911
        NAMEWARDEN_OWNER=ml
        NAMEWARDEN_CHANNEL=exec:ticket
        NAMEWARDEN_MACHINE=watch-1.acme.example
        NAMEWARDEN_INSTANCE=production
        NAMEWARDEN_SUBJECT=pip would take torchtriton: your internal name (nw-417)
        NAMEWARDEN_URL=
        NAMEWARDEN_FINDING=torchtriton@1672005911
        NAMEWARDEN_ID=nw-417
        NAMEWARDEN_PROJECT=torchtriton
        NAMEWARDEN_STATE=open
        NAMEWARDEN_WATCH=torchtriton
        NAMEWARDEN_ADDRESS=https://pypi.example/project/torchtriton/
        NAMEWARDEN_REASON=YES: its 3.0.0 beats your 2.0.0.dev20221230. pip with an extra index takes the highest version, whoever published it.
        ");
        assert!(facts.input.ends_with("}\n") && facts.input.lines().count() == 1);
    }

    #[test]
    fn no_value_can_hold_what_a_shell_or_a_terminal_reads() {
        let mut case = torchtriton();
        let evil = "x\0y\u{1b}[2J\nNAMEWARDEN_TIER=digest\u{202e}";
        case.finding.display = evil.to_owned();
        case.finding.note = Some(evil.to_owned());
        case.address = format!("https://pypi.example/{evil}");
        let mut briefing = registered(vec![case]);
        briefing.owner_name = evil.to_owned();
        briefing.thread = evil.to_owned();
        let facts = facts(&briefing, &Channel::Exec("ticket".to_owned()));
        for (name, value) in &facts.environment {
            assert!(!value.chars().any(|c| c.is_control() || c == '\u{202e}'), "{name}={value:?}");
        }
        assert!(!facts.input.trim_end().chars().any(char::is_control));
    }
}
