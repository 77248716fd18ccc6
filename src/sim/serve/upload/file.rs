//! The file's checks, in `warehouse`'s order (`forklift/legacy.py`, from `_validate_filename` on).

use axum::body::Bytes;
use chrono::TimeDelta;

use super::answer::{Said, help};
use super::form::{Content, Form};
use super::metadata::Metadata;
use super::python::repr;
use super::sdist::Sdist;
use super::wheel;
use super::zip::Zip;
use crate::model::Time;
use crate::sim::world::{Known, Release, StoredFile, World, files_of};

/// What becomes of a file that was checked.
pub(super) enum Checked {
    /// It is there already, the very same: nothing happens.
    Same,
    New(StoredFile),
}

/// # Errors
/// The first thing that PyPI would not take.
pub(super) fn check(
    world: &World,
    (form, content): (&Form, &Content),
    metadata: &Metadata,
    now: Time,
) -> Result<Checked, Said> {
    let sdist = form.get("filetype") == Some("sdist");
    filename(&content.filename, sdist)?;
    // A part without a type is text to Python's `cgi`; uv sends none.
    if content.kind.as_ref().is_some_and(|kind| kind.is_empty() || kind.starts_with("image/")) {
        return Err(Said::bad("Invalid distribution file."));
    }
    sizes(world, metadata, content)?;
    let file = StoredFile {
        filename: content.filename.clone(),
        bytes: content.bytes.clone(),
        metadata: None,
        python: form.get("pyversion").unwrap_or("source").to_owned(),
        uploaded: now,
    };
    digests(form, &file)?;
    match world.knows(&metadata.name, &file) {
        Known::Same => return Ok(Checked::Same),
        Known::Other => return Err(exists(&file)),
        Known::Used => {
            let what =
                "This filename was previously used by a file that has since been deleted. Use a different version.";
            return Err(Said::bad(format!("{what} See {} for more information.", help("file-name-reuse"))));
        }
        Known::New => {}
    }
    let release = world.release_of(&metadata.name, &metadata.version.to_string());
    open(world, metadata, release.as_ref(), sdist, now)?;
    Ok(Checked::New(if sdist { source(metadata, file)? } else { binary(metadata, file)? }))
}

fn filename(name: &str, sdist: bool) -> Result<(), Said> {
    if name.bytes().any(|byte| byte < 32 || byte == 127) {
        let what = "Cannot upload a file with non-printable characters (ordinals 0-31) or the DEL character (ordinal 127) in the name.";
        return Err(Said::bad(what));
    }
    if name.contains(['/', '\\']) {
        return Err(Said::bad("Cannot upload a file with '/' or '\\' in the name."));
    }
    let (filetype, allowed) = if sdist { ("sdist", &[".tar.gz", ".zip"][..]) } else { ("bdist_wheel", &[".whl"][..]) };
    let known = [".tar.gz", ".zip", ".whl"].into_iter().find(|end| name.len() > end.len() && name.ends_with(end));
    match known {
        Some(extension) if allowed.contains(&extension) => Ok(()),
        Some(extension) => Err(Said::bad(format!(
            "Invalid file extension: Extension {extension} is invalid for filetype {filetype}. See \
             https://www.python.org/dev/peps/pep-0527 for more information."
        ))),
        None => Err(Said::bad(
            "Invalid file extension: Use .tar.gz, .whl or .zip extension. See \
             https://www.python.org/dev/peps/pep-0527 and https://peps.python.org/pep-0715/ for more information",
        )),
    }
}

fn sizes(world: &World, metadata: &Metadata, content: &Content) -> Result<(), Said> {
    let (size, policy) = (content.bytes.len() as u64, &world.policy);
    let name = repr(&metadata.display);
    if size > policy.file_limit {
        let limit = policy.file_limit >> 20;
        let see = "https://docs.index.example/project-management/storage-limits";
        return Err(Said::bad(format!(
            "File too large. Limit for project {name} is {limit} MB. See {see} for more information."
        )));
    }
    if size + world.size_of(&metadata.name) > policy.project_limit {
        let limit = policy.project_limit >> 30;
        let see = "https://docs.index.example/project-management/storage-limits";
        return Err(Said::bad(format!(
            "Project size too large. Limit for project {name} total size is {limit} GB. See {see}"
        )));
    }
    Ok(())
}

/// Every digest that came, compared as hex.
fn digests(form: &Form, file: &StoredFile) -> Result<(), Said> {
    let found =
        [("md5_digest", file.md5()), ("sha256_digest", file.sha256()), ("blake2_256_digest", file.blake2_256())];
    let same = found.iter().all(|(key, digest)| form.get(key).is_none_or(|said| said.eq_ignore_ascii_case(digest)));
    let what = "The digest supplied does not match a digest calculated from the uploaded file.";
    if same { Ok(()) } else { Err(Said::bad(what)) }
}

/// twine's `--skip-existing` goes by how it begins.
fn exists(file: &StoredFile) -> Said {
    let (name, digest) = (repr(&file.filename), repr(&file.blake2_256()));
    let see = help("file-name-reuse");
    Said::bad(format!("File already exists ({name}, with blake2_256 hash {digest}). See {see} for more information."))
}

/// Does the release take more files, and this kind?
fn open(world: &World, metadata: &Metadata, release: Option<&Release>, sdist: bool, now: Time) -> Result<(), Said> {
    let Some(release) = release else { return Ok(()) };
    let days = world.policy.release_open_days;
    if now - release.created > TimeDelta::days(days) {
        return Err(Said::bad(format!("Uploading new files to releases older than {days} days is not allowed.")));
    }
    let has_sdist = files_of(&metadata.name, release).iter().any(|file| file.packagetype() == "sdist");
    if sdist && has_sdist { Err(Said::bad("Only one sdist may be uploaded per release.")) } else { Ok(()) }
}

fn invalid(what: impl AsRef<str>) -> Said {
    Said::bad(format!("Invalid distribution file. {}", what.as_ref()))
}

fn source(metadata: &Metadata, file: StoredFile) -> Result<StoredFile, Said> {
    let sdist = Sdist::open(&file.bytes).filter(|_| file.filename.ends_with(".tar.gz"));
    // A .zip is refused by its name further below anyway (PEP 625).
    let kind = if file.filename.ends_with(".zip") { "File is not a zipfile" } else { "File is not a tarfile" };
    let sdist = sdist.ok_or_else(|| invalid(kind))?;
    sdist.fault().map_or(Ok(()), |fault| Err(invalid(fault)))?;
    let expected = format!("{}-{}.tar.gz", metadata.name.as_str().replace('-', "_"), metadata.version);
    if file.filename != expected {
        let (found, expected) = (repr(&file.filename), repr(&expected));
        return Err(Said::bad(format!("Filename {found} is invalid, should be {expected}.")));
    }
    for licence in metadata.fields.get("license_file").into_iter().flatten() {
        sdist.licence(licence).map_err(|wanted| {
            let file = &file.filename;
            Said::bad(format!("License-File {licence} does not exist in distribution file {file} at {wanted}"))
        })?;
    }
    Ok(file)
}

fn binary(metadata: &Metadata, file: StoredFile) -> Result<StoredFile, Said> {
    let zip = Zip::open(&file.bytes).ok_or_else(|| invalid("File is not a zipfile"))?;
    let fault = zip.fault().or_else(|| wheel::fault(&zip, &file.filename));
    fault.map_or(Ok(()), |fault| Err(invalid(fault)))?;
    if let Some(fault) = zip.framing() {
        let see = "https://docs.index.example/archives";
        return Err(invalid(format!("ZIP archive not accepted: {fault}. See {see} for more information")));
    }
    wheel::check_name(&file.filename, metadata)?;
    let licences = metadata.fields.get("license_file").map(Vec::as_slice).unwrap_or_default();
    let inner = wheel::metadata_of(&zip, &file.filename, licences)?;
    Ok(StoredFile { metadata: Some(Bytes::from(inner)), ..file })
}
