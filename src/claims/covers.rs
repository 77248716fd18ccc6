//! Which spellings one project closes for free: PyPI refuses what reads like it (`warehouse` `ultranormalize_name`).

use std::collections::BTreeSet;

use crate::model::ProjectName;

/// Shown of a class that has thousands.
const SHOWN: usize = 4;

/// Some of the other spellings that nobody can register while this name stands, the likeliest first.
pub(super) fn covers(name: &ProjectName) -> Vec<String> {
    let plain = name.as_str();
    let joined = plain.replace('-', "");
    let swapped = |from: char, to: &str| plain.replacen(from, to, 1);
    let tries = [joined, swapped('l', "1"), swapped('i', "l"), swapped('o', "0"), swapped('i', "1"), swapped('1', "l")];
    let mut seen: BTreeSet<String> = [plain.to_owned()].into();
    tries.into_iter().filter(|other| seen.insert(other.clone())).take(SHOWN).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_covered_is_of_the_same_class_and_no_other_name() {
        for name in ["acme-billing", "foo-bar", "b1g", "x", "ol"] {
            let name = ProjectName::parse(name).expect("a name");
            for other in covers(&name) {
                let other = ProjectName::parse(&other).expect("a name");
                assert_eq!((other.ultranormal(), other == name), (name.ultranormal(), false), "{other}");
            }
        }
        let name = ProjectName::parse("acme-billing").expect("a name");
        assert_eq!(covers(&name), ["acmebilling", "acme-bi1ling", "acme-bllling", "acme-b1lling"]);
    }
}
