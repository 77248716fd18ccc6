//! The time of a report as a strip: what was accounted for, and what nobody saw.

use crate::model::overview::Blind;
use crate::model::report::Report;
use crate::model::{Feed, Time};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::reports) struct Strip {
    pub(in crate::reports) since: Time,
    pub(in crate::reports) until: Time,
    pub(in crate::reports) every: Vec<(Time, Time)>,
    pub(in crate::reports) survivors: Vec<(Time, Time)>,
    pub(in crate::reports) unseen: Vec<(Time, Time)>,
}

/// Stretches from one time to another.
pub(in crate::reports) type Spans = Vec<(Time, Time)>;

impl Strip {
    pub(in crate::reports) fn of(report: &Report) -> Self {
        let spans = |feed: Feed| {
            let of = report.coverage.stretches.iter().filter(move |stretch| stretch.feed == feed);
            of.map(|stretch| (stretch.from, stretch.to)).collect()
        };
        let blind = report.coverage.blind.iter().map(|blind| (blind.what.as_str(), (blind.from, blind.to)));
        Self::between((report.since, report.until), (spans(Feed::Changelog), spans(Feed::Index)), blind)
    }

    /// `every` event and `survivors` only, and what nobody saw, with its reason. A watch younger than the period has its
    /// strip begin with it: what came before it was never its to see.
    pub(in crate::reports) fn between<'a>(
        (since, until): (Time, Time),
        (every, survivors): (Spans, Spans),
        blind: impl Iterator<Item = (&'a str, (Time, Time))>,
    ) -> Self {
        let (before, blind): (Vec<_>, Vec<_>) = blind.partition(|(what, _)| *what == Blind::BEFORE);
        let since = before.iter().map(|(_, (_, begun))| *begun).fold(since, Time::max).min(until);
        let within = blind.into_iter().filter(|(_, (from, to))| *to > since && *from < until);
        let unseen = within.map(|(_, (from, to))| (from.max(since), to.min(until))).collect();
        Self { since, until, every, survivors, unseen }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Time {
        Time::from_timestamp(second, 0).expect("a time")
    }

    #[test]
    fn a_young_watch_is_measured_from_its_beginning() {
        let seen = || (vec![(at(60), at(100))], Vec::new());
        let blind = [(Blind::BEFORE, (at(0), at(60))), ("feed-blind:rss", (at(70), at(80)))];
        let young = Strip::between((at(0), at(100)), seen(), blind.into_iter());
        assert_eq!((young.since, young.unseen), (at(60), vec![(at(70), at(80))]));
        let old = Strip::between((at(75), at(100)), seen(), blind[1..].iter().copied());
        assert_eq!((old.since, old.unseen), (at(75), vec![(at(75), at(80))]), "cut off at the beginning");
        let early = [(Blind::BEFORE, (at(0), at(60))), ("feed-blind:index", (at(10), at(50)))];
        let begun = Strip::between((at(0), at(100)), seen(), early.into_iter());
        assert_eq!(begun.unseen, [], "PyPI did not answer the first start, and that was before there was a watch");
    }
}
