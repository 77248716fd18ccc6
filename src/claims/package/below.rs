//! Which version a package may have: one that no installer prefers to an internal one.

use crate::config::source::Fault;
use crate::model::version::Pep440;

/// What is tried for a remedy, the usual first. Nothing is below the last.
const LOWER: [&str; 4] = ["0.0.1", "0.0.0", "0.0.1.dev0", "0.dev0"];

/// Is the version below the internal one, to every installer?
///
/// # Errors
/// When it is not, and when nobody can know.
pub fn check(version: &Pep440, internal: Option<&str>) -> Result<(), Fault> {
    let Some(internal) = internal else {
        let what = "no internal version is known, so that the public one may be the higher";
        return Err(Fault::new(what, "write the highest one as latest_version in the inventory"));
    };
    let Some(highest) = Pep440::read(internal) else {
        let what = format!("the internal version {internal:?} cannot be compared");
        return Err(Fault::new(what, "write it in the inventory as `pip list` shows it"));
    };
    match is_below(version, &highest) {
        true => Ok(()),
        false => Err(Fault::new(why(version, &highest), remedy(&highest))),
    }
}

/// Pre-releases are left aside while there is a final release, wherever that comes from: a public final one would be taken
/// before internal pre-releases that are higher. And `==0.0.1` asks for `0.0.1+acme` too.
fn is_below(version: &Pep440, internal: &Pep440) -> bool {
    version < internal && !version.is_public_part_of(internal) && (internal.is_final() || !version.is_final())
}

fn why(version: &Pep440, internal: &Pep440) -> String {
    if version < internal && !version.is_public_part_of(internal) {
        return format!("pip would take {version}, a final release, before the pre-release {internal}");
    }
    format!("{version} is not below the internal version {internal}, and installers would take it")
}

fn remedy(internal: &Pep440) -> String {
    let lower = LOWER.iter().find(|text| Pep440::read(text).is_some_and(|version| is_below(&version, internal)));
    match lower {
        Some(version) => format!("write version = \"{version}\" under [claim]"),
        None => "raise the internal version first; no version is below it".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::finding::WouldPipTake;
    use crate::model::resolve::{Installer, would_take};
    use crate::registry::pypi::ProjectJson;

    fn checked(version: &str, internal: Option<&str>) -> Result<(), Fault> {
        check(&Pep440::read(version).expect("a version"), internal)
    }

    #[test]
    fn only_what_no_installer_prefers_is_let_through() {
        for internal in ["0.0.2", "4.12.0", "1!0.0.0", "0.0.1.post1", "2026.11", "99999999999999999999999"] {
            assert_eq!(checked("0.0.1", Some(internal)), Ok(()), "{internal}");
        }
        assert_eq!(checked("0.0.1.dev0", Some("1.0a1")), Ok(()));
        for (version, internal, remedy) in [
            ("0.0.1", "0.0.1", "write version = \"0.0.0\" under [claim]"),
            ("0.0.1", "0.0.1.0+acme", "write version = \"0.0.0\""),
            ("0.0.1", "0.0.1rc1", "write version = \"0.0.1.dev0\""),
            ("0.0.1", "1.0.dev7", "write version = \"0.0.1.dev0\""),
            ("0.0.1", "0.0.0", "write version = \"0.dev0\""),
            ("1!0.1", "2.0", "write version = \"0.0.1\""),
            ("0.0.1", "0.dev0", "raise the internal version first"),
        ] {
            let fault = checked(version, Some(internal)).expect_err(internal);
            assert!(fault.instead.starts_with(remedy), "{internal}: {fault:?}");
        }
    }

    /// Whatever is let through, no installer would take beside the internal version.
    #[test]
    fn what_is_let_through_is_what_no_installer_takes() {
        let public = |version: &str| {
            let file = format!("acme-{version}-py3-none-any.whl");
            let page = serde_json::json!({ "info": {}, "releases": { version: [
                { "filename": file, "packagetype": "bdist_wheel", "requires_python": null, "yanked": false },
            ] } });
            ProjectJson::parse(page.to_string().as_bytes()).expect("a page").releases
        };
        let internals = ["0.0.2", "4.12.0", "1!0", "0.0.1.post1", "1.0a1", "0.0.1", "0.0.0", "2.0.dev3", "0.0.1rc1"];
        let mut let_through = 0;
        for (version, internal) in LOWER.iter().flat_map(|version| internals.map(|internal| (*version, internal))) {
            if checked(version, Some(internal)).is_ok() {
                let_through += 1;
                let taken = would_take(Installer::Pip, Some(internal), &public(version)).take;
                assert_eq!(taken, WouldPipTake::No, "{version} beside {internal}");
            }
        }
        assert!(let_through > 15, "{let_through}");
    }

    #[test]
    fn what_nobody_knows_is_not_below() {
        assert!(checked("0.0.1", None).expect_err("unknown").instead.contains("latest_version"));
        assert!(checked("0.0.1", Some("newest")).expect_err("no version").instead.contains("pip list"));
    }
}
