//! What may happen to what an answer is made of.

use proptest::prelude::*;

use super::rules::{BoundBy, DAY, Evidence, Records, a_while, around, bound_by, evidence, mode, records};
use super::there::{FILES, Place};
use crate::gate::policy::Mode;
use crate::gate::review::ReviewAct;

/// When a file was uploaded, by what that means at the moment; in seconds.
#[derive(Clone, Copy, Debug)]
pub(super) enum Aged {
    Old(i64),
    /// It is old enough then.
    RipeIn(i64),
    /// Its project would be, if it were the first.
    ProjectRipeIn(i64),
    ToCome(i64),
    Unsaid,
    Nonsense,
}

/// What becomes of an index.
#[derive(Clone, Debug)]
pub(super) enum Change {
    There(bool),
    Down(bool),
    /// And it may list its files still.
    Quarantine(bool, bool),
    /// It says who holds the prefix.
    Reserve(bool),
    /// One by that name, or another in its place: its bytes, its time, whether it is yanked, whether it has metadata, where it lies.
    Put(usize, u8, Aged, Option<&'static str>, bool, Place),
    Remove(usize),
    Yank(usize, Option<&'static str>),
    /// Other bytes under the name.
    Replace(usize, u8),
    Redate(usize, Aged),
    Move(usize, Place),
    Metadata(usize, bool),
}

/// Which rule is another, of the moment at which it is.
#[derive(Clone, Debug)]
pub(super) enum Rule {
    Modes([Mode; 4]),
    Ages([i64; 2]),
    Freeze(Option<i64>),
    Bind(BoundBy),
    Copies(bool),
    Finding(bool),
    Records(Records),
    Evidence(Box<Evidence>),
}

/// What happens.
#[derive(Clone, Debug)]
pub(super) enum Act {
    Pass(i64),
    /// Until something may change by itself.
    Turn(usize),
    /// This machine's clock is set: so far ahead of the time.
    Step(i64),
    /// Of PyPI's index, or of the private one.
    Index(bool, Change),
    /// The private index has what PyPI has.
    Copy,
    Tamper(bool),
    /// The disk loses every page.
    Lose,
    Rule(Rule),
    /// PyPI has what it had so many changes ago.
    Restore(usize),
    /// As many persons as have to agree to what is open: the newest but so many.
    Agree(usize, Option<i64>),
    Decide(usize, u32, ReviewAct, Option<i64>),
    Reject(&'static str),
    Learn(u32),
    Forget,
}

fn aged() -> impl Strategy<Value = Aged> {
    prop_oneof![
        2 => (1_i64..60).prop_map(|days| Aged::Old(days * DAY)),
        1 => a_while().prop_map(Aged::Old),
        3 => (1_i64..20).prop_map(|minutes| Aged::RipeIn(minutes * 60)),
        2 => (1_i64..20).prop_map(|minutes| Aged::ProjectRipeIn(minutes * 60)),
        3 => (1_i64..20).prop_map(|minutes| Aged::ToCome(minutes * 60)),
        1 => a_while().prop_map(Aged::ToCome),
        1 => Just(Aged::Unsaid),
        1 => Just(Aged::Nonsense),
    ]
}

fn yanked() -> impl Strategy<Value = Option<&'static str>> {
    prop::sample::select(vec![None, None, None, Some(""), Some("CVE-2026-1")])
}

fn place(is_private: bool) -> impl Strategy<Value = Place> {
    let others = if is_private { 4 } else { 1 };
    prop_oneof![8 => Just(Place::Near), 1 => Just(Place::Moved), others => Just(Place::Store), others => Just(Place::Pypi)]
}

pub(super) fn put(is_private: bool) -> impl Strategy<Value = Change> {
    (0..FILES.len(), 0_u8..3, aged(), yanked(), prop::bool::weighted(0.8), place(is_private)).prop_map(
        |(name, content, aged, yanked, has_metadata, place)| {
            Change::Put(name, content, aged, yanked, has_metadata, place)
        },
    )
}

fn change(is_private: bool) -> impl Strategy<Value = Change> {
    let nth = || 0_usize..4;
    prop_oneof![
        1 => prop::bool::weighted(0.6).prop_map(Change::There),
        2 => any::<bool>().prop_map(Change::Down),
        1 => (prop::bool::weighted(0.4), any::<bool>()).prop_map(|(is, keeps)| Change::Quarantine(is, keeps)),
        1 => any::<bool>().prop_map(Change::Reserve),
        5 => put(is_private),
        1 => nth().prop_map(Change::Remove),
        1 => (nth(), yanked()).prop_map(|(nth, yanked)| Change::Yank(nth, yanked)),
        2 => (nth(), 0_u8..3).prop_map(|(nth, content)| Change::Replace(nth, content)),
        2 => (nth(), aged()).prop_map(|(nth, aged)| Change::Redate(nth, aged)),
        1 => (nth(), place(is_private)).prop_map(|(nth, place)| Change::Move(nth, place)),
        1 => (nth(), any::<bool>()).prop_map(|(nth, has)| Change::Metadata(nth, has)),
    ]
}

fn rule() -> impl Strategy<Value = Rule> {
    let ages = prop::sample::select(vec![[DAY, 0], [DAY, 2 * DAY], [7 * DAY, 2 * DAY], [7 * DAY, 30 * DAY]]);
    prop_oneof![
        2 => [mode(), mode(), mode(), mode()].prop_map(Rule::Modes),
        1 => ages.prop_map(Rule::Ages),
        1 => prop::option::of(around()).prop_map(Rule::Freeze),
        2 => bound_by().prop_map(Rule::Bind),
        1 => any::<bool>().prop_map(Rule::Copies),
        1 => any::<bool>().prop_map(Rule::Finding),
        2 => records().prop_map(Rule::Records),
        3 => evidence().prop_map(|evidence| Rule::Evidence(Box::new(evidence))),
    ]
}

pub(super) fn act() -> impl Strategy<Value = Act> {
    let until =
        prop::option::weighted(0.7, prop_oneof![(1_i64..15).prop_map(|minutes| minutes * 60), a_while()]).boxed();
    let person = || prop::sample::select(vec![1001_u32, 1001, 1002]);
    let ahead = prop_oneof![
        2 => Just(0),
        1 => (-8_i64..9).prop_map(|minutes| minutes * 60),
        1 => a_while(),
        1 => a_while().prop_map(|while_| -while_),
    ];
    let decided =
        prop::sample::select(vec![ReviewAct::Approve, ReviewAct::Approve, ReviewAct::Reject, ReviewAct::Reopen]);
    prop_oneof![
        4 => a_while().prop_map(Act::Pass),
        9 => (0_usize..3).prop_map(Act::Turn),
        4 => ahead.prop_map(Act::Step),
        7 => change(false).prop_map(|change| Act::Index(false, change)),
        3 => change(true).prop_map(|change| Act::Index(true, change)),
        4 => (0_usize..4).prop_map(Act::Restore),
        1 => Just(Act::Copy),
        1 => any::<bool>().prop_map(Act::Tamper),
        1 => Just(Act::Lose),
        5 => rule().prop_map(Act::Rule),
        5 => (0_usize..2, until.clone()).prop_map(|(nth, until)| Act::Agree(nth, until)),
        4 => (0_usize..3, person(), decided, until).prop_map(|(nth, by, act, until)| Act::Decide(nth, by, act, until)),
        3 => prop::sample::select(vec!["1", "v2.0", "3.0.0"]).prop_map(Act::Reject),
        1 => person().prop_map(Act::Learn),
        1 => Just(Act::Forget),
    ]
}
