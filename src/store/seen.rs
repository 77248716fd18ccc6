//! New cases of a period, part by part. Of a day that is whole in one part the number is kept (`counted`); only the days in which a part
//! begins or ends are counted case by case, and all of an owner's, for whom no number is kept.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;

use super::StoreError;
use super::columns::word;
use super::reported::{IS_ONE, Period, Reported, UNTOLD};
use super::sql::{self, Param};
use crate::model::{OwnerId, Tier};

/// In microseconds, as all here.
const DAY: i64 = 86_400_000_000;

/// How many, by part and tier.
type SeenCounts = BTreeMap<(i64, Tier), i64>;

/// What was seen after the first time and until the second, in parts of this length.
#[derive(Clone, Copy, Debug)]
struct SeenParts {
    since: i64,
    until: i64,
    length: i64,
}

/// A stretch of one part: its first moment and its last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct SeenPiece {
    part: i64,
    first: i64,
    last: i64,
}

impl Reported<'_> {
    /// How many cases were seen in the period that are one of this owner's, or any: in which part of it, where each is so long, and of
    /// which tier. Parts are counted from 0, and those in which none was seen are left out.
    pub fn seen(
        &self,
        owner: Option<&OwnerId>,
        period: Period,
        part: TimeDelta,
    ) -> Result<Vec<(usize, Tier, usize)>, StoreError> {
        let parts = SeenParts::of(period, part);
        let seen = match owner {
            Some(owner) => self.of_owner(owner, parts)?,
            None => self.of_all(parts)?,
        };
        let some = seen.into_iter().filter(|(_, cases)| *cases > 0);
        Ok(some
            .map(|((part, tier), cases)| (part.unsigned_abs() as usize, tier, cases.unsigned_abs() as usize))
            .collect())
    }

    fn of_all(&self, parts: SeenParts) -> Result<SeenCounts, StoreError> {
        let (mut seen, mut to_cut) = (SeenCounts::new(), BTreeSet::new());
        for (day, tier, cases) in self.by_day(parts)? {
            match parts.of_day(day) {
                Some(part) => *seen.entry((part, tier)).or_insert(0) += cases,
                None => drop(to_cut.insert(day)),
            }
        }
        for (day, tier, cases) in self.untold(parts)? {
            let of = parts.of_day(day).and_then(|part| seen.get_mut(&(part, tier)));
            of.into_iter().for_each(|of| *of -= cases);
        }
        let mut pieces = Vec::new();
        to_cut.into_iter().for_each(|day| add(&mut pieces, parts.cut(day)));
        for piece in pieces {
            let sums = self.sums(piece)?;
            sums.into_iter().for_each(|(tier, cases)| *seen.entry((piece.part, tier)).or_insert(0) += cases);
        }
        Ok(seen)
    }

    /// By going through the cases of the period once, with the list of the owner's at hand: to look each of them up among all threats takes
    /// twice as long. The plus keeps SQLite from reading each of the owner's, of which a case is a page or several.
    fn of_owner(&self, owner: &OwnerId, parts: SeenParts) -> Result<SeenCounts, StoreError> {
        let query = format!(
            "SELECT f.seen_at, f.tier FROM findings f WHERE f.seen_at > $1 AND f.seen_at <= $2 AND {IS_ONE} \
             AND +f.key IN (SELECT t.key FROM threats t WHERE t.owner = $3)"
        );
        let mut seen = SeenCounts::new();
        sql::each(self.0, &query, &[&parts.since, &parts.until, &owner.0], |row| {
            *seen.entry((parts.at(row.get(0)?), word("a tier", row.get(1)?)?)).or_insert(0) += 1;
            Ok(())
        })?;
        Ok(seen)
    }

    /// Of each day of the period that has any, in their order; what is ours and untold is among them.
    fn by_day(&self, parts: SeenParts) -> Result<Vec<(i64, Tier, i64)>, StoreError> {
        let query = "SELECT day, tier, sum(cases) FROM case_counts WHERE day >= $1 AND day <= $2 \
                     AND state NOT IN ('pre-existing', 'unwatched') GROUP BY day, tier ORDER BY day, tier";
        let params: [&dyn Param; 2] = [&parts.since.div_euclid(DAY), &parts.until.div_euclid(DAY)];
        sql::all(self.0, query, &params, |row| Ok((row.get(0)?, word("a tier", row.get(1)?)?, row.get(2)?)))
    }

    /// Of each day those that are ours and that nobody was told of, which are few.
    fn untold(&self, parts: SeenParts) -> Result<Vec<(i64, Tier, i64)>, StoreError> {
        let query = format!(
            "SELECT f.seen_at / {DAY}, f.tier, count(*) FROM findings f WHERE {UNTOLD} \
             AND +f.seen_at > $1 AND +f.seen_at <= $2 GROUP BY 1, 2"
        );
        sql::all(self.0, &query, &[&parts.since, &parts.until], |row| {
            Ok((row.get(0)?, word("a tier", row.get(1)?)?, row.get(2)?))
        })
    }

    /// Of a piece, by reading an index of its cases. Sums, since to group them SQLite would sort all of them.
    fn sums(&self, piece: SeenPiece) -> Result<[(Tier, i64); 3], StoreError> {
        const TIERS: [Tier; 3] = [Tier::Page, Tier::Alert, Tier::Digest];
        let sums = TIERS.map(|tier| format!("coalesce(sum(f.tier = '{}'), 0)", tier.as_str())).join(", ");
        let query = format!("SELECT {sums} FROM findings f WHERE f.seen_at >= $1 AND f.seen_at <= $2 AND {IS_ONE}");
        let params: [&dyn Param; 2] = [&piece.first, &piece.last];
        let row = sql::first(self.0, &query, &params, |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?]))?;
        let cases: [i64; 3] = row.unwrap_or_default();
        Ok([(TIERS[0], cases[0]), (TIERS[1], cases[1]), (TIERS[2], cases[2])])
    }
}

impl SeenParts {
    fn of((since, until): Period, part: TimeDelta) -> Self {
        let length = part.num_microseconds().unwrap_or(i64::MAX).max(1);
        Self { since: sql::micros(since), until: sql::micros(until), length }
    }

    fn at(&self, moment: i64) -> i64 {
        moment.saturating_sub(self.since) / self.length
    }

    /// The part that has all of a day.
    fn of_day(&self, day: i64) -> Option<i64> {
        let (first, last) = (day * DAY, day * DAY + DAY - 1);
        let part = self.at(first);
        (first > self.since && last <= self.until && part == self.at(last)).then_some(part)
    }

    /// What of a day is in the period, cut where a part ends.
    fn cut(&self, day: i64) -> Vec<SeenPiece> {
        let (mut first, last) = ((day * DAY).max(self.since + 1), (day * DAY + DAY - 1).min(self.until));
        let mut pieces = Vec::new();
        while first <= last {
            let part = self.at(first);
            let end = self.since.saturating_add((part + 1).saturating_mul(self.length)) - 1;
            pieces.push(SeenPiece { part, first, last: end.min(last) });
            first = end.min(last) + 1;
        }
        pieces
    }
}

/// Behind those that are there: one with the last where both are of one part and meet.
fn add(pieces: &mut Vec<SeenPiece>, next: Vec<SeenPiece>) {
    for piece in next {
        let is_one = |last: &&mut SeenPiece| last.part == piece.part && piece.first <= last.last + 1;
        match pieces.last_mut().filter(is_one) {
            Some(last) => last.last = last.last.max(piece.last),
            None => pieces.push(piece),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Of each day around the period some, and those at which the period and its parts begin and end.
    fn moments(parts: SeenParts) -> impl Iterator<Item = i64> {
        let days = parts.since / DAY - 1..=parts.until / DAY + 1;
        let ends = (parts.since..=parts.until).step_by(parts.length as usize).chain([parts.until]);
        days.flat_map(|day| [0, 1, DAY / 3, DAY - 1].map(|at| day * DAY + at))
            .chain(ends.flat_map(|end| [end - 1, end, end + 1]))
    }

    proptest! {
        /// Whatever the period and the parts: each moment of it is counted once, in its part, by a whole day or by a piece; and no other is.
        #[test]
        fn each_moment_is_counted_once_and_in_its_part(
            since in 0..5 * DAY,
            whole_days in any::<bool>(),
            days in 0..40_i64,
            rest in 0..DAY,
            hours in prop::sample::select(vec![1_i64, 6, 24, 7 * 24, 30 * 24]),
        ) {
            let since = if whole_days { since / DAY * DAY } else { since };
            let parts = SeenParts { since, until: since + days * DAY + rest, length: hours * DAY / 24 };
            let (mut pieces, mut whole) = (Vec::new(), BTreeMap::new());
            for day in parts.since / DAY..=parts.until / DAY {
                match parts.of_day(day) {
                    Some(part) => drop(whole.insert(day, part)),
                    None => add(&mut pieces, parts.cut(day)),
                }
            }
            for moment in moments(parts) {
                let of_pieces = pieces.iter().filter(|piece| (piece.first..=piece.last).contains(&moment));
                let mut counted: Vec<i64> = of_pieces.map(|piece| piece.part).collect();
                counted.extend(whole.get(&moment.div_euclid(DAY)));
                let is_in = moment > parts.since && moment <= parts.until;
                let wanted = if is_in { vec![(moment - parts.since) / parts.length] } else { vec![] };
                prop_assert_eq!(counted, wanted, "{}", moment);
            }
        }

        /// Where parts are days and begin with them no case is read but those of the first day and of the last.
        #[test]
        fn whole_days_need_no_look_at_cases(days in 2..400_i64, length in prop::sample::select(vec![1_i64, 7, 30])) {
            let parts = SeenParts { since: 0, until: days * DAY + 5, length: length * DAY };
            let (first, last) = (0, days);
            let whole = (first + 1..last).filter(|day| parts.of_day(*day).is_some()).count() as i64;
            prop_assert_eq!(whole, days - 1);
        }
    }
}
