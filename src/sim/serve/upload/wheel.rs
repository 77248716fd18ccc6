//! Wheels: their names, and what has to be inside (`forklift/legacy.py`, `utils/wheel.py`).

use std::str::FromStr as _;

use pep440_rs::Version;

use super::answer::Said;
use super::metadata::Metadata;
use super::python::repr;
use super::zip::Zip;
use crate::model::ProjectName;

/// The parts of a wheel's name that PyPI goes by.
struct Named<'f> {
    name: &'f str,
    version: &'f str,
    platforms: &'f str,
}

impl<'f> Named<'f> {
    /// `packaging.utils.parse_wheel_filename`.
    fn read(filename: &'f str) -> Result<Self, Said> {
        let invalid = |why: &str| Said::bad(format!("Invalid wheel filename ({why}): {}", repr(filename)));
        let parts: Vec<&str> = filename.strip_suffix(".whl").unwrap_or(filename).split('-').collect();
        let [name, version, .., platforms] = parts[..] else { return Err(invalid("wrong number of parts")) };
        if !(5..=6).contains(&parts.len()) {
            return Err(invalid("wrong number of parts"));
        }
        if name.contains("__") || ProjectName::parse(name).is_err() {
            return Err(Said::bad(format!("Invalid project name: {}", repr(filename))));
        }
        if Version::from_str(version).is_err() {
            return Err(invalid("invalid version"));
        }
        if parts.len() == 6 && !parts[2].starts_with(|c: char| c.is_ascii_digit()) {
            return Err(Said::bad(format!("Invalid build number: {} in {}", parts[2], repr(filename))));
        }
        Ok(Self { name, version, platforms })
    }
}

/// Its name fits the project and the version.
pub(super) fn check_name(filename: &str, metadata: &Metadata) -> Result<(), Said> {
    let named = Named::read(filename)?;
    if let Some(platform) = named.platforms.split('.').find(|platform| !is_platform(platform)) {
        return Err(Said::bad(format!("Binary wheel '{filename}' has an unsupported platform tag '{platform}'.")));
    }
    let wanted = metadata.name.as_str().replace('-', "_");
    if ProjectName::parse(named.name).as_ref() != Ok(&metadata.name) {
        return Err(Said::bad(format!("Start filename for {} with {}.", repr(&metadata.display), repr(&wanted))));
    }
    if named.name != wanted {
        return Err(Said::bad(format!(
            "Filename {} should contain the normalized project name {}, not {}.",
            repr(filename),
            repr(&wanted),
            repr(named.name)
        )));
    }
    let version = Version::from_str(named.version).ok();
    if version.as_ref() != Some(&metadata.version) {
        let found = version.map_or_else(|| named.version.to_owned(), |version| version.to_string());
        let wanted = repr(&metadata.version.to_string());
        return Err(Said::bad(format!("Version in filename should be {wanted} not {}.", repr(&found))));
    }
    Ok(())
}

/// The list of `_allowed_platforms` and the rules beside it, as far as Linux, macOS and Windows go.
fn is_platform(tag: &str) -> bool {
    const STATIC: [&str; 8] =
        ["any", "win32", "win_arm64", "win_amd64", "win_ia64", "linux_armv6l", "linux_armv7l", "manylinux1_x86_64"];
    const OLD: [&str; 3] = ["manylinux1_", "manylinux2010_", "manylinux2014_"];
    const ARCHES: [&str; 8] = ["x86_64", "i686", "aarch64", "armv7l", "ppc64le", "s390x", "riscv64", "ppc64"];
    let of = |rest: &str| ARCHES.contains(&rest);
    let numbered = |prefix: &str| {
        let (major, rest) = tag.strip_prefix(prefix)?.split_once('_')?;
        let (minor, arch) = rest.split_once('_')?;
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        (digits(major) && digits(minor)).then_some(arch)
    };
    let mac = |arch: &str| ["x86_64", "arm64", "universal2", "intel", "i386"].contains(&arch);
    STATIC.contains(&tag)
        || OLD.iter().any(|old| tag.strip_prefix(old).is_some_and(of))
        || numbered("manylinux_").is_some_and(of)
        || numbered("musllinux_").is_some_and(|arch| of(arch) && arch != "ppc64")
        || numbered("macosx_").is_some_and(mac)
}

/// Is `WHEEL` where the name says it is? In PyPI's words.
pub(super) fn fault(zip: &Zip<'_>, filename: &str) -> Option<String> {
    let Some(info) = info(filename) else {
        return Some("Unable to parse name and version from wheel filename".to_owned());
    };
    zip.read(&format!("{info}/WHEEL")).is_none().then(|| format!("WHEEL not found at {info}/WHEEL"))
}

/// `NAME-VERSION.dist-info`.
fn info(filename: &str) -> Option<String> {
    let mut parts = filename.splitn(3, '-');
    let (name, version, _) = (parts.next()?, parts.next()?, parts.next()?);
    Some(format!("{name}-{version}.dist-info"))
}

/// Everything inside that has to be there; gives `METADATA`, which is served beside it.
pub(super) fn metadata_of(zip: &Zip<'_>, filename: &str, licences: &[String]) -> Result<Vec<u8>, Said> {
    let info = info(filename).unwrap_or_default();
    for licence in licences {
        let wanted = format!("{info}/licenses/{licence}");
        if zip.read(&wanted).is_none() {
            let what = format!("License-File {licence} does not exist in distribution file {filename} at {wanted}");
            return Err(Said::bad(what));
        }
    }
    let required = |file: &str| {
        let missing = format!("Wheel '{filename}' does not contain the required {file} file: {info}/{file}");
        zip.read(&format!("{info}/{file}")).ok_or_else(|| Said::bad(missing))
    };
    // Its entries that differ from the archive only make PyPI write to the owners.
    required("RECORD")?;
    if zip.read(&format!("{info}/entry_points.txt")).is_some_and(|points| !are_entry_points(&points)) {
        let what = format!("Wheel '{filename}' has invalid entry points defined in the entry_points.txt file");
        return Err(Said::bad(what));
    }
    required("METADATA")
}

/// INI with `=` between name and value; the names of scripts are letters, digits, `_`, `.` and `-`.
fn are_entry_points(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let mut section = None;
    let is_name = |name: &str| !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || "_.-".contains(c));
    for line in text.lines().map(str::trim_end).filter(|line| !line.is_empty() && !line.starts_with(['#', ';'])) {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = Some(name);
        } else if !line.starts_with(' ') {
            let Some((name, _)) = line.split_once('=') else { return false };
            match section {
                None => return false,
                Some("console_scripts" | "gui_scripts") if !is_name(name.trim()) => return false,
                Some(_) => {}
            }
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn platforms_are_those_that_pypi_takes() {
        for good in
            ["any", "manylinux_2_17_x86_64", "musllinux_1_2_aarch64", "macosx_11_0_arm64", "manylinux2014_x86_64"]
        {
            assert!(is_platform(good), "{good}");
        }
        for bad in ["linux_x86_64", "manylinux_x_17_x86_64", "musllinux_1_2_ppc64", "win_amd65", ""] {
            assert!(!is_platform(bad), "{bad}");
        }
    }

    #[test]
    fn scripts_have_names_and_stand_in_sections() {
        for (text, good) in [
            ("[console_scripts]\nacme-doctor = acme.doctor:main\n", true),
            ("[acme.plugins]\nany thing = x\n", true),
            ("[console_scripts]\n../evil = x:y\n", false),
            ("acme = x:y\n", false),
            ("[console_scripts]\nacme\n", false),
        ] {
            assert_eq!(are_entry_points(text.as_bytes()), good, "{text}");
        }
    }
}
