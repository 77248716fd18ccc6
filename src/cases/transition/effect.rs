//! What one event of the registry does to one case. Pure.

use super::tier;
use crate::cases::notify::throttle;
use crate::model::timeline::Move;
use crate::model::{Event, Facts, Finding, FindingState, Sighting, Threat};

/// What one event does to one case.
#[derive(Default)]
pub(in crate::cases) struct Effect {
    pub(in crate::cases) what: Move,
    pub(in crate::cases) worsens: bool,
    /// Nobody is threatened by it any more.
    pub(in crate::cases) ends: bool,
    /// It came so soon after the registration that it belongs to the first alert.
    pub(in crate::cases) with_creation: bool,
}

/// Moves the case; `None` when the event says nothing about it.
pub(in crate::cases) fn effect(finding: &mut Finding, sighting: &Sighting) -> Option<Effect> {
    let effect = moved(finding, sighting)?;
    if shows_more(&sighting.event) {
        outdate(&mut finding.facts);
    }
    Some(effect)
}

/// Is more to be seen of it now than a page showed that was read before?
fn shows_more(event: &Event) -> bool {
    matches!(event, Event::Released { .. } | Event::Relisted | Event::QuarantineCleared)
}

/// A look-up in vain told what was so when PyPI was asked: that nothing was shown then must not stand beside what is now.
fn outdate(facts: &mut Facts) {
    if facts.trouble.is_some() {
        facts.trouble = Some("when PyPI was last asked, its newest event had not happened yet".to_owned());
    }
}

fn moved(finding: &mut Finding, sighting: &Sighting) -> Option<Effect> {
    let quiet = |what| Some(Effect { what, ..Effect::default() });
    match &sighting.event {
        Event::Created => {
            finding.registered_at = sighting.at;
            if finding.state == FindingState::Removed {
                finding.state = finding.standing_state();
                return quiet(Move::Stands);
            }
            quiet(Move::SecondKnown)
        }
        Event::Released { version } => release(finding, sighting, version),
        Event::Withdrawn { version } => {
            finding.facts.releases.withdraw(version, sighting.serial);
            quiet(Move::Withdrawn { version: version.clone() })
        }
        Event::Removed | Event::Unlisted | Event::Quarantined if finding.state == FindingState::Ours => {
            Some(lost(finding, &sighting.event))
        }
        Event::Removed | Event::Unlisted | Event::Quarantined if !may_end(finding.state) => None,
        Event::Removed => ended(finding, Move::Removed),
        Event::Unlisted => ended(finding, Move::Unlisted),
        Event::Quarantined => ended(finding, Move::Quarantined),
        Event::QuarantineCleared => back(finding),
        Event::Relisted => relisted(finding),
        Event::RolesChanged { action } => {
            if finding.facts.ours == Some(true) {
                finding.facts.trouble = Some(format!("its roles changed ({action}), and its page was not read since"));
            }
            quiet(Move::Roles { action: action.clone() })
        }
        Event::Changed | Event::Listed => None,
    }
}

/// May the project's going end the case? One that a person has settled still ends: whoever reported it hears that it helped.
fn may_end(state: FindingState) -> bool {
    state.is_live() || state == FindingState::Resolved
}

fn ended(finding: &mut Finding, what: Move) -> Option<Effect> {
    finding.state = FindingState::Removed;
    Some(Effect { what, ends: true, ..Effect::default() })
}

/// Our own project went: PyPI frees a removed name at once (`warehouse` help page, "deletion"), whoever removed it.
fn lost(finding: &mut Finding, event: &Event) -> Effect {
    finding.wake();
    finding.state = FindingState::Removed;
    let what = match event {
        Event::Quarantined => Move::OursQuarantined,
        _ => Move::OursGone,
    };
    Effect { what, worsens: true, ..Effect::default() }
}

/// A release belongs to the first alert when it comes with the registration, unless it makes things worse: one that was
/// made to win does, where the first alert could not say so.
fn release(finding: &mut Finding, sighting: &Sighting, version: &str) -> Option<Effect> {
    // Of what nobody saw registered, and of which no page was read, nobody knows what came before.
    let seen = finding.facts.releases.looked() || finding.registered_at.is_some();
    let (first, ever) = (finding.facts.releases.is_empty(), finding.facts.releases.iter().next().is_some() || !seen);
    if !finding.facts.releases.tell(version, sighting.serial) {
        return None;
    }
    let with_creation = finding
        .registered_at
        .zip(sighting.at)
        .is_some_and(|(registered, released)| released - registered <= throttle::FIRST_RELEASE);
    let published = version.to_owned();
    let what = if ever { Move::NewRelease { version: published } } else { Move::FirstRelease { version: published } };
    let with_creation = with_creation && !is_answered(finding);
    let worsens = is_awaited(finding) && first && (!with_creation || tier::is_absurd(version));
    Some(Effect { what, worsens, with_creation: with_creation && first, ..Effect::default() })
}

/// Is a first release news? Of what a person has settled, too, who settled it while there was nothing to install; of a watched
/// name, and under an exclusive prefix, also where somebody held it before the watch, and had published nothing.
pub(in crate::cases) fn is_awaited(finding: &Finding) -> bool {
    match finding.state {
        FindingState::Open | FindingState::Acknowledged | FindingState::Resolved => true,
        FindingState::PreExisting => finding.is_followed(),
        _ => false,
    }
}

/// Has a person answered the first alert? Then nobody is reminded of it, and what comes after is news, however soon.
pub(in crate::cases) fn is_answered(finding: &Finding) -> bool {
    matches!(finding.state, FindingState::Acknowledged | FindingState::Resolved) || finding.snoozed_until.is_some()
}

/// It stands again: a case that was closed by its absence is open, and so is one that a person has settled since.
fn back(finding: &mut Finding) -> Option<Effect> {
    let was_closed = matches!(finding.state, FindingState::Removed | FindingState::Resolved);
    if was_closed {
        finding.wake();
    }
    was_closed.then(|| Effect { what: Move::Back, worsens: true, ..Effect::default() })
}

/// The index does not say who holds it now: nothing that was declared of the earlier holder counts any more.
fn relisted(finding: &mut Finding) -> Option<Effect> {
    if finding.state == FindingState::Suppressed {
        finding.threats.iter_mut().for_each(Threat::lift);
        finding.state = FindingState::Removed;
    }
    back(finding)
}

#[cfg(test)]
pub(in crate::cases) mod tests {
    use super::*;
    use crate::model::{
        Feed, FindingKey, OwnerId, ProjectName, Registration, RegistrationId, Standing, Subject, Tier, WatchId,
    };

    pub(in crate::cases) fn case(state: FindingState) -> Finding {
        let name = ProjectName::parse("acme-billing").expect("valid");
        let registration = Registration { name: name.clone(), registration_id: RegistrationId::Second(1_787_331_457) };
        let watch = WatchId::name(&name);
        Finding {
            id: None,
            key: FindingKey::new(&registration),
            subject: Subject::Registration(registration),
            display: name.to_string(),
            threats: vec![Threat {
                watch,
                owner: OwnerId("payments".into()),
                matches: Vec::new(),
                tier: Tier::Page,
                standing: Standing::Live,
            }],
            more: Vec::new(),
            context: Vec::new(),
            tier: Tier::Page,
            state,
            facts: Facts::default(),
            registered_at: None,
            seen_at: chrono::DateTime::UNIX_EPOCH,
            note: None,
            settled_with: std::collections::BTreeSet::new(),
            edition: 0,
            snoozed_until: None,
        }
    }

    fn removal(finding: &Finding) -> Sighting {
        Sighting {
            name: finding.project().clone(),
            display: finding.display.clone(),
            event: Event::Removed,
            feed: Feed::Changelog,
            serial: None,
            at: None,
            summary: None,
            unreadable: None,
        }
    }

    #[test]
    fn what_is_seen_now_leaves_no_word_of_a_page_that_showed_nothing() {
        let events = [Event::Released { version: "99.0".into() }, Event::QuarantineCleared, Event::Relisted];
        for event in events {
            let mut finding = case(FindingState::Removed);
            let seen = Sighting { event, ..removal(&finding) };
            let mut never_asked = finding.clone();
            finding.facts.trouble = Some("PyPI shows no file of it yet".to_owned());
            assert!(effect(&mut finding, &seen).is_some() && effect(&mut never_asked, &seen).is_some());
            let trouble = finding.facts.trouble.expect("it is still not known who holds it");
            assert!(!trouble.contains("no file"), "{trouble}");
            assert_eq!(never_asked.facts.trouble, None);
        }
    }

    #[test]
    fn a_strangers_removal_is_the_end_and_our_own_is_worse() {
        let mut stranger = case(FindingState::Open);
        let sighting = removal(&stranger);
        assert!(effect(&mut stranger, &sighting).is_some_and(|effect| effect.ends && !effect.worsens));
        assert!(effect(&mut stranger, &sighting).is_none(), "it ends once");
        let mut settled = case(FindingState::Resolved);
        assert!(effect(&mut settled, &sighting).is_some_and(|effect| effect.ends));
        let mut harmless = case(FindingState::Suppressed);
        assert!(effect(&mut harmless, &sighting).is_none());
        let mut ours = case(FindingState::Ours);
        assert!(effect(&mut ours, &sighting).is_some_and(|effect| effect.worsens));
        assert_eq!((stranger.state, ours.state), (FindingState::Removed, FindingState::Removed));
        assert!(effect(&mut ours, &sighting).is_none(), "told once");
    }
}
