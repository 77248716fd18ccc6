//! `Members`: the watches of a family beside a name, one after the other. They differ in little, so little is computed of
//! each.

use super::hint::Hint;
use super::prefilter::{FAR, Features, Prefilter};
use crate::matcher::evidence::columns::{Columns, Word, common_start};
use crate::matcher::evidence::edits::EDITS_MAX;
use crate::matcher::evidence::name::Name;

pub(in crate::matcher) struct Members<'m, 'n, W> {
    prefilter: &'m Prefilter,
    name: &'n Name<'n>,
    /// From the first member on whose letters allow few edits.
    columns: Option<Columns<'m, W>>,
    /// The core that was compared last, and whether it was near.
    core: Option<(&'m [u8], bool)>,
}

impl<'m, 'n: 'm, W: Word> Members<'m, 'n, W> {
    pub(in crate::matcher) fn new(prefilter: &'m Prefilter, name: &'n Name<'n>) -> Self {
        Self { prefilter, name, columns: None, core: None }
    }

    /// What `Prefilter::may_match` says of a watch, and how many edits it is `apart`.
    #[inline]
    pub(in crate::matcher) fn may_match(&mut self, watch: u32, hint: Hint) -> Option<u8> {
        let Self { prefilter, name, .. } = *self;
        let features = prefilter.features(watch);
        let apart = if features.letters_allow(name, EDITS_MAX) {
            let columns = self.columns.get_or_insert_with(|| Columns::of(name.forms.joined()));
            u8::try_from(columns.edits(prefilter.joined(features))).unwrap_or(FAR).min(FAR)
        } else {
            FAR
        };
        let edits = |limit| (usize::from(apart) <= limit).then_some(apart);
        prefilter.passes(features, name, hint, edits, || self.is_core_near(features)).then_some(apart)
    }

    #[inline]
    fn is_core_near(&mut self, features: &Features) -> bool {
        let (start, end) = features.core();
        let core = &self.prefilter.joined(features)[start..end];
        if !self.core.is_some_and(|known| is_same(known.0, core)) {
            self.core = Some((core, self.prefilter.is_core_near(features, self.name)));
        }
        self.core.is_some_and(|known| known.1)
    }
}

/// `==`, without a call.
#[inline]
fn is_same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && common_start(a, b) == a.len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::matcher::evidence::forms::Forms;

    fn hint() -> impl Strategy<Value = Hint> {
        prop::sample::select(vec![Hint::Shape, Hint::Letters, Hint::Near])
    }

    proptest! {
        /// Whichever of them stood before.
        #[test]
        fn members_one_after_the_other_are_told_as_alone(
            name in "(py-)?acm?e-serv[ij]ce(-[01]{1,4}|-sdk)?",
            mut members in prop::collection::vec("(py-)?acme-(serv[ij]ce-?)?[01]{0,4}(-sdk)?x?", 1..20),
            sorted in any::<bool>(),
            hint in hint(),
        ) {
            if sorted {
                members.sort();
            }
            let mut prefilter = Prefilter::default();
            members.iter().for_each(|member| prefilter.push(&Forms::new(member)));
            let name = Name::new(&name);
            let (mut short, mut long) = (Members::<u64>::new(&prefilter, &name), Members::<u128>::new(&prefilter, &name));
            for (member, at) in members.iter().zip(0..) {
                let alone = prefilter.may_match(at, &name, hint).then(|| prefilter.apart(at, &name));
                prop_assert_eq!(short.may_match(at, hint), alone, "{} {}", name.forms.text, member);
                prop_assert_eq!(long.may_match(at, hint), alone, "{} {}", name.forms.text, member);
            }
        }
    }
}
