//! A whole report as JSON, its long lists written line by line as they are read.

use std::borrow::Cow;
use std::io::{self, Write};

use serde::{Serialize, Serializer};

use super::report::Report;
use super::reported::{ExposureChange, ReportedClaim, ReportedWatch};
use crate::model::report as model;
use crate::reports::{Extent, LongList, LongLists};

/// The same as `Report` of a report that holds these lists.
///
/// # Errors
/// As of `out`.
pub(in crate::api) fn write(of: &model::Report, lists: &dyn LongLists, out: &mut dyn Write) -> io::Result<()> {
    let watches = Unrolled(|| lists.watches(), |line: &_| ReportedWatch::from(line));
    let changes = Unrolled(|| lists.changes(), |line: &_| ExposureChange::from(line));
    let claims = Unrolled(|| lists.claims(), |line: &_| ReportedClaim::from(line));
    let watches = (watches, lists.watches_omitted());
    let report = Report::around(of, Extent::Apart, watches, (changes, 0), (claims, 0));
    Ok(serde_json::to_writer(out, &report)?)
}

/// A list, and what each line of it becomes.
struct Unrolled<L, F>(L, F);

impl<'r, L, M, F, V> Serialize for Unrolled<L, F>
where
    L: Fn() -> LongList<'r, M>,
    M: Clone + 'r,
    F: Fn(&M) -> V,
    V: Serialize,
{
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq((self.0)().map(|line: Cow<'_, M>| (self.1)(&line)))
    }
}
