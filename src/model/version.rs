//! PEP 440 order of versions, and the question whether pip would take a public release over an internal one.

use std::str::FromStr;

use pep440_rs::Version;

use super::finding::WouldPipTake;

/// Compares the public versions of a project with the highest internal one.
///
/// pip merges its indexes and takes the highest version, whoever published it; a pre-release only when asked, so
/// pre-releases count only when nothing else is public (`pip` docs, `pip_install.rst`). A version that is not
/// PEP 440 cannot be installed and is ignored. Equal versions count: pip's choice between indexes is then undefined.
pub fn would_pip_take(internal: Option<&str>, public: &[String]) -> WouldPipTake {
    let best = best(public).map(|(version, _)| version);
    match (best, internal.map(Version::from_str)) {
        (None, _) => WouldPipTake::No,
        (Some(_), None | Some(Err(_))) => WouldPipTake::Unknown,
        (Some(best), Some(Ok(internal))) if best >= internal => WouldPipTake::Yes,
        (Some(_), Some(Ok(_))) => WouldPipTake::No,
    }
}

/// The version, as published, that pip would choose among these (see `would_pip_take`); `None` when none is installable.
pub fn highest(public: &[String]) -> Option<&str> {
    best(public).map(|(_, text)| text)
}

fn best(public: &[String]) -> Option<(Version, &str)> {
    let public = || public.iter().filter_map(|text| Some((Version::from_str(text).ok()?, text.as_str())));
    let finals = public().filter(|(version, _)| !version.any_prerelease()).max();
    finals.or_else(|| public().max())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(internal: &str, public: &[&str]) -> WouldPipTake {
        let public: Vec<String> = public.iter().map(|&v| v.to_owned()).collect();
        would_pip_take((!internal.is_empty()).then_some(internal), &public)
    }

    #[test]
    fn the_highest_version_wins_whoever_published_it() {
        assert_eq!(take("2.1.0", &["3.0.0"]), WouldPipTake::Yes);
        assert_eq!(take("2.1.0", &["2.1"]), WouldPipTake::Yes);
        assert_eq!(take("2.10", &["2.9", "0.1"]), WouldPipTake::No);
        assert_eq!(take("2.1.0", &["3.0rc1", "1.0"]), WouldPipTake::No, "a pre-release is not taken unasked");
        assert_eq!(take("2.1.0", &["3.0rc1"]), WouldPipTake::Yes, "unless there is nothing else");
    }

    #[test]
    fn the_highest_is_named_as_it_was_published() {
        let public = ["1.0", "v2.0.0", "3.0rc1", "junk"].map(str::to_owned);
        assert_eq!(highest(&public), Some("v2.0.0"));
        assert_eq!(highest(&public[2..]), Some("3.0rc1"));
        assert_eq!(highest(&public[3..]), None);
    }

    #[test]
    fn what_is_not_known_is_said() {
        assert_eq!(take("", &["1.0"]), WouldPipTake::Unknown);
        assert_eq!(take("2.1.0", &[]), WouldPipTake::No);
        assert_eq!(take("2.1.0", &["not a version"]), WouldPipTake::No);
    }
}
