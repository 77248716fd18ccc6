//! How each of a great many names stands, in few bytes more than their texts: what is planned for fifty thousand names needs that of all.

use super::Exposure;

/// By name, in the order of their texts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standings {
    /// One behind the other; and where each ends, with which of the exposures it has.
    texts: String,
    names: Vec<(u32, u32)>,
    exposures: Vec<Exposure>,
}

/// So many of the exposures are looked through for one that is there already: but for those with a sibling there are no more.
const ALIKE: usize = 8;

impl Standings {
    /// Behind all that are there by its text.
    pub fn push(&mut self, name: &str, exposure: &Exposure) {
        let known = self.exposures.iter().take(ALIKE).position(|known| known == exposure);
        let at = known.unwrap_or_else(|| {
            self.exposures.push(exposure.clone());
            self.exposures.len() - 1
        });
        self.texts.push_str(name);
        self.names.push((self.texts.len() as u32, at as u32));
    }

    pub fn get(&self, name: &str) -> Option<&Exposure> {
        let (mut from, mut to) = (0, self.names.len());
        while from < to {
            let middle = from + (to - from) / 2;
            let (text, exposure) = self.at(middle)?;
            match text.cmp(name) {
                std::cmp::Ordering::Equal => return Some(exposure),
                std::cmp::Ordering::Less => from = middle + 1,
                std::cmp::Ordering::Greater => to = middle,
            }
        }
        None
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &Exposure)> {
        (0..self.names.len()).filter_map(|at| self.at(at))
    }

    fn at(&self, at: usize) -> Option<(&str, &Exposure)> {
        let (end, exposure) = *self.names.get(at)?;
        let begin = at.checked_sub(1).map_or(0, |before| self.names[before].0);
        Some((self.texts.get(begin as usize..end as usize)?, self.exposures.get(exposure as usize)?))
    }
}

impl<'n> FromIterator<(&'n str, &'n Exposure)> for Standings {
    /// Of names that come in the order of their texts.
    fn from_iter<I: IntoIterator<Item = (&'n str, &'n Exposure)>>(names: I) -> Self {
        let mut all = Self::default();
        names.into_iter().for_each(|(name, exposure)| all.push(name, exposure));
        all
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn exposure(of: u8) -> Exposure {
        match of {
            0 => Exposure::Exposed,
            1 => Exposure::Ours,
            2 => Exposure::Taken,
            of => Exposure::Shielded { sibling: format!("s{of}") },
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn it_is_the_map_of_the_same_names(
            names in prop::collection::btree_map("[a-c]{1,4}", (0..20_u8).prop_map(exposure), 0..40),
        ) {
            let all: Standings = names.iter().map(|(name, exposure)| (name.as_str(), exposure)).collect();
            let again: BTreeMap<String, Exposure> =
                all.iter().map(|(name, exposure)| (name.to_owned(), exposure.clone())).collect();
            prop_assert_eq!(&again, &names);
            for name in names.keys().map(String::as_str).chain(["", "a", "bb", "cccc", "d"]) {
                prop_assert_eq!(all.get(name), names.get(name));
            }
        }
    }
}
