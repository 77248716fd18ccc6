//! Which version a package has: the configured one, or the next of which PyPI never had a file.
//!
//! PyPI never takes a file name twice, also where the project that had it is gone (`warehouse` `forklift/legacy.py`, "This
//! filename was previously used"). A stranger's package of our version would else keep us from the name for good.

use super::below;
use crate::config::source::Fault;
use crate::model::version::Pep440;

/// So many of each kind are tried: whoever used up all of them has to be seen by a person.
const TRIES: u64 = 100;

/// What a package may have as its version, in the order in which they are tried: the configured one, then those above it, then
/// the lowest there are. All but the first are below the internal one.
pub fn choices(configured: &Pep440, internal: Option<&str>) -> Vec<Pep440> {
    let above = (1..=TRIES).filter_map(|n| raised(&configured.to_string(), n));
    let lowest = (0..TRIES).map(|n| format!("0.0.0.{n}")).chain((0..TRIES).map(|n| format!("0.dev{n}")));
    let others = above.chain(lowest).filter_map(|text| Pep440::read(&text));
    let others = others.filter(|version| version != configured && below::check(version, internal).is_ok());
    std::iter::once(configured.clone()).chain(others).collect()
}

/// The first of them that is none of those used.
///
/// # Errors
/// When all were used.
pub fn unused(configured: &Pep440, internal: Option<&str>, used: &[String]) -> Result<Pep440, Fault> {
    let used: Vec<Pep440> = used.iter().filter_map(|text| Pep440::read(text)).collect();
    let free = choices(configured, internal).into_iter().find(|version| !used.contains(version));
    free.ok_or_else(|| {
        let what = format!("{configured} and every version after it were used on PyPI, which takes none twice");
        Fault::new(what, "write another version under [claim], below the internal one")
    })
}

/// With the last of its numbers raised by so much.
fn raised(version: &str, by: u64) -> Option<String> {
    let (head, number) = version.split_at(version.rfind(|c: char| !c.is_ascii_digit()).map_or(0, |at| at + 1));
    Some(format!("{head}{}", number.parse::<u64>().ok()?.checked_add(by)?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn chosen(configured: &str, internal: &str, used: &[&str]) -> String {
        let used: Vec<String> = used.iter().map(|text| (*text).to_owned()).collect();
        let configured = Pep440::read(configured).expect("a version");
        unused(&configured, Some(internal), &used).expect("one is left").to_string()
    }

    #[test]
    fn the_next_that_was_not_used_and_is_below_is_taken() {
        assert_eq!(chosen("0.0.1", "4.12.0", &[]), "0.0.1");
        assert_eq!(
            chosen("0.0.1", "4.12.0", &["9.0", "0.0.2"]),
            "0.0.1",
            "what others have elsewhere is nothing to us"
        );
        assert_eq!(chosen("0.0.1", "4.12.0", &["0.0.1.0", "0.0.2"]), "0.0.3", "0.0.1.0 is 0.0.1 to PyPI");
        assert_eq!(chosen("0.0.1", "0.0.2", &["0.0.1"]), "0.0.0.0", "0.0.2 itself is the internal one");
        assert_eq!(chosen("0.0.1.dev0", "0.0.1rc1", &["0.0.1.dev0"]), "0.0.1.dev1");
        assert_eq!(chosen("1!0.1", "1!4", &["1!0.1"]), "1!0.2");
    }

    #[test]
    fn who_used_them_all_is_for_a_person() {
        let configured = Pep440::read("0.0.1").expect("a version");
        let used: Vec<String> = choices(&configured, Some("1.0")).iter().map(Pep440::to_string).collect();
        let fault = unused(&configured, Some("1.0"), &used).expect_err("none is left");
        assert!(fault.instead.starts_with("write another version under [claim]"), "{fault:?}");
    }

    proptest! {
        /// Whatever was used: what is chosen was not, and no installer prefers it to the internal version.
        #[test]
        fn what_is_chosen_is_new_and_below(used in prop::collection::vec("0\\.0\\.[0-9]|0\\.0\\.0\\.[0-9]|0\\.dev[0-9]|.{0,6}", 0..30), internal in "0\\.0\\.[2-9]|[1-9]\\.[0-9]|0\\.1rc1") {
            let configured = Pep440::read("0.0.1").expect("a version");
            let version = unused(&configured, Some(&internal), &used).expect("one is left");
            prop_assert!(used.iter().all(|text| Pep440::read(text).as_ref() != Some(&version)));
            prop_assert!(version == configured || below::check(&version, Some(&internal)).is_ok());
        }
    }
}
