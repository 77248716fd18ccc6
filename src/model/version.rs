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
    let public: Vec<Version> = public.iter().filter_map(|v| Version::from_str(v).ok()).collect();
    let finals: Vec<&Version> = public.iter().filter(|v| !v.any_prerelease()).collect();
    let best = if finals.is_empty() { public.iter().max() } else { finals.into_iter().max() };
    match (best, internal.map(Version::from_str)) {
        (None, _) => WouldPipTake::No,
        (Some(_), None | Some(Err(_))) => WouldPipTake::Unknown,
        (Some(best), Some(Ok(internal))) if *best >= internal => WouldPipTake::Yes,
        (Some(_), Some(Ok(_))) => WouldPipTake::No,
    }
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
    fn what_is_not_known_is_said() {
        assert_eq!(take("", &["1.0"]), WouldPipTake::Unknown);
        assert_eq!(take("2.1.0", &[]), WouldPipTake::No);
        assert_eq!(take("2.1.0", &["not a version"]), WouldPipTake::No);
    }
}
