//! From what a package is made of to its two archives, or every reason against it at once.

use super::archive::{Archive, Archives};
use super::lint::Secrecy;
use super::metadata::Metadata;
use super::names::Names;
use super::placeholder::Placeholder;
use super::refusal::{Refusal, Refused};
use super::render::{self, Texts};
use super::templates::{Templates, Text};
use super::{below, contents, lint, sdist, wheel};
use crate::config::source::Fault;
use crate::registry::pypi::upload::{Distribution, check};

/// # Errors
/// Every reason why it must not, or cannot, be published.
pub fn build(placeholder: &Placeholder, templates: &Templates, secrecy: &Secrecy) -> Result<Archives, Refused> {
    let version = placeholder.version.to_string();
    let named = |fault| Refusal::new(placeholder.name.as_str(), fault);
    let names = Names::of(&placeholder.name, &version).map_err(named)?;
    let mut refusals: Vec<Refusal> = below::check(&placeholder.version, placeholder.internal.as_deref())
        .err()
        .into_iter()
        .chain(lint::name(placeholder, secrecy))
        .map(named)
        .collect();
    refusals.extend(unlicensed(placeholder, templates));
    let texts = texts(placeholder, templates, &names, &version, &mut refusals);
    refusals.extend(lint::texts(placeholder, templates, &names, &texts, secrecy));
    if !refusals.is_empty() {
        return Err(Refused(refusals));
    }
    let metadata = Metadata::new(placeholder, &version, &texts[&Text::Summary], &texts[&Text::Readme]);
    let archives = archives(names, metadata, &texts).map_err(|error| {
        named(Fault::new(format!("cannot be put into an archive ({error})"), "tell namewarden's makers"))
    })?;
    match objections(&archives) {
        objections if objections.is_empty() => Ok(archives),
        objections => Err(Refused(objections)),
    }
}

fn texts(
    placeholder: &Placeholder,
    templates: &Templates,
    names: &Names,
    version: &str,
    refusals: &mut Vec<Refusal>,
) -> Texts {
    let values = render::values(placeholder, names, version);
    let mut texts = Texts::new();
    for template in &templates.0 {
        match render::render(template, &values) {
            Ok(text) => drop(texts.insert(template.text, text)),
            Err(refusal) => refusals.push(refusal),
        }
    }
    texts
}

/// What PyPI would refuse all the same, by the rules of the upload itself.
fn objections(archives: &Archives) -> Vec<Refusal> {
    let of = |archive: &Archive| {
        let refuse = |what: String| Refusal::new(&archive.filename, Fault::new(what, "mend the text or the value"));
        match Distribution::new(&archive.filename, archive.bytes.clone(), &archives.metadata.file()) {
            Err(error) => vec![refuse(error.to_string())],
            Ok(file) => check::objections(&file, |_| None).iter().map(|o| refuse(o.to_string())).collect(),
        }
    };
    archives.all().into_iter().flat_map(of).collect()
}

/// The license that is compiled in is that of MIT.
fn unlicensed(placeholder: &Placeholder, templates: &Templates) -> Option<Refusal> {
    let own = templates.0.iter().any(|template| template.text == Text::License && template.is_own());
    let what = || format!("{:?} is not the license whose text is compiled in", placeholder.license);
    let instead = "put its text as LICENSE into a directory, and name that with claim.templates";
    (placeholder.license != "MIT" && !own).then(|| Refusal::new("claim.license", Fault::new(what(), instead)))
}

fn archives(names: Names, metadata: Metadata, texts: &Texts) -> std::io::Result<Archives> {
    let wheel = wheel::archive(names.wheel(&metadata.version), contents::wheel(&metadata, &names, texts))?;
    let filename = format!("{}.tar.gz", names.sdist(&metadata.version));
    let sdist = sdist::archive(filename, contents::sdist(&metadata, &names, texts))?;
    Ok(Archives { wheel, sdist, names, metadata })
}
