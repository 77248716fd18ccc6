//! What of an import is anybody's, because it is from PyPI or stands there, and how that is told: always by name.

use std::collections::{BTreeMap, BTreeSet};

use super::super::call::Call;
use super::super::client::Client;
use super::super::failure::Failure;
use super::super::pages::{ListPart, pages};
use super::elsewhere::Owned;
use super::which::{inventory_of, watches_in_force};
use crate::api::v1::{Command, Exposure, Project};
use crate::config::source::{Fault, Source};
use crate::lists::{Package, ResolvedFrom};
use crate::messages::hostile::line as harmless;
use crate::model::{Inventory, Owner, OwnerId, ProjectName, Watch, WatchId, WatchKind};
use crate::replay::names::NameLines;
use crate::watchlist::{InventoryError, Sifted, load};

/// Those of the names that stand on PyPI, by an index or by the baseline of the daemon or the store; `None` where there
/// is none of these.
///
/// # Errors
/// When the configuration that would lead to them is broken.
pub(super) async fn standing(
    call: &Call,
    index: Option<&NameLines>,
    names: &BTreeSet<ProjectName>,
) -> Result<Option<BTreeSet<ProjectName>>, Failure> {
    if names.is_empty() {
        return Ok(None);
    }
    if let Some(index) = index {
        return Ok(Some(known(names, index.text().lines())));
    }
    if !call.is_configured() {
        return Ok(None);
    }
    // Who may not ask the store imports all the same, and is told what is not known.
    Ok(of_baseline(&Client::open_sound(call)?, names).await.ok().flatten())
}

async fn of_baseline(client: &Client, names: &BTreeSet<ProjectName>) -> Result<Option<BTreeSet<ProjectName>>, Failure> {
    if !client.can_answer().await? {
        return Ok(None);
    }
    let mut standing = BTreeSet::new();
    let ask = |ListPart { limit, after }| Command::Known { after, limit };
    let shown = pages(client, ListPart { limit: None, after: None }, ask, |page: Vec<Project>| {
        standing.extend(known(names, page.iter().map(|project| project.name.as_str())));
    })
    .await?;
    Ok((shown.items > 0).then_some(standing))
}

fn known<'t>(names: &BTreeSet<ProjectName>, listed: impl Iterator<Item = &'t str>) -> BTreeSet<ProjectName> {
    listed.filter_map(|name| ProjectName::parse(name).ok()).filter(|name| names.contains(name)).collect()
}

/// How each of the names stands that is watched now, by itself or under an exclusive prefix. Who may not ask imports all the same.
pub(super) async fn watched(call: &Call, names: &BTreeSet<ProjectName>) -> Result<Watched, Failure> {
    if names.is_empty() || !call.is_configured() {
        return Ok(Watched::new());
    }
    let client = Client::open_sound(call)?;
    let in_force = match client.can_answer().await {
        Ok(true) => watches_in_force(&client).await.ok(),
        _ => None,
    };
    let (inventory, exposures) = match in_force {
        Some(watches) => {
            let exposures = watches.iter().filter_map(|watch| Some((watch.id()?, watch.exposure))).collect();
            (inventory_of(watches), exposures)
        }
        None => match load(&client.settings.inventory, &client.settings.alert.default_owner) {
            Ok(loaded) => (loaded.inventory, BTreeMap::new()),
            Err(_) => return Ok(Watched::new()),
        },
    };
    let exposure = |id: &WatchId| exposures.get(id).copied().unwrap_or(Exposure::Unknown);
    let stands = |name: &ProjectName| {
        let id = WatchId::name(name);
        is_watched(&inventory, &id).then(|| (name.clone(), exposure(&id)))
    };
    Ok(names.iter().filter_map(stands).collect())
}

/// How the watched names of a file stand on PyPI.
pub(super) type Watched = BTreeMap<ProjectName, Exposure>;

fn is_watched(inventory: &Inventory, id: &WatchId) -> bool {
    let covers = |watch: &Watch| {
        watch.id == *id
            || (watch.exclusive && watch.id.kind == WatchKind::Prefix && id.text.starts_with(&watch.id.text))
    };
    inventory.watches.contains_key(id) || inventory.watches.values().any(covers)
}

/// What is known of PyPI, and of what is watched, when a file is imported.
#[derive(Clone, Debug, Default)]
pub struct ImportContext {
    /// Those of the file's names that are on PyPI; `None` when nobody knows.
    pub standing: Option<BTreeSet<ProjectName>>,
    /// Those that are watched already.
    pub watched: BTreeMap<ProjectName, Exposure>,
    /// Whose each watch is now, and the line that says so.
    pub owned: Owned,
    /// Owners of the configured inventory; `None` where there is none that can be read.
    pub owners: Option<BTreeMap<OwnerId, Owner>>,
}

/// What was kept although it is on PyPI, what was left out, and what is not known of the rest; a paragraph each.
pub(super) fn remarks(sifted: &Sifted, known: &ImportContext) -> String {
    let left_out = left_out(sifted);
    let mut text = kept(sifted, &known.watched) + &left_out;
    if !left_out.is_empty() {
        text += "to watch them too: --include-public\n";
    }
    if known.standing.is_none() {
        text += "which of the watched names stand on PyPI is not known here: import where the daemon runs, or name an index \
                 with --index\n";
    }
    text
}

/// A name of one's own on PyPI is the worst that a file can tell, so it comes first.
fn kept(sifted: &Sifted, watched: &Watched) -> String {
    let ours = |package: &&Package| {
        let name = ProjectName::parse(&package.name).ok();
        name.and_then(|name| watched.get(&name)) == Some(&Exposure::Ours)
    };
    let (claimed, others): (Vec<&Package>, Vec<&Package>) = sifted.watched.iter().partition(ours);
    let (resolved, standing): (Vec<&Package>, Vec<&Package>) =
        others.into_iter().partition(|package| package.origin == ResolvedFrom::Pypi);
    let mut text = String::new();
    text += &paragraph(
        "WARNING: watched, and this file takes them from PyPI: what was installed may be a stranger's",
        resolved,
    );
    text += &paragraph("WARNING: watched, and on PyPI, not in your hands as far as is known: kept", standing);
    text += &paragraph(
        "WARNING: resolved from your own place, and on PyPI too, where somebody may have taken your names: kept",
        &sifted.shadowed,
    );
    text += &paragraph(
        "WARNING: on PyPI, or resolved from there, and called as yours are: kept, so look whose each is",
        &sifted.alike,
    );
    if !text.is_empty() {
        text += "  pip with an extra index takes the highest version, whoever published it: look at each on PyPI, and pin your \
                 index\n";
    }
    text + &paragraph("watched, and yours on PyPI: kept", claimed)
}

fn left_out(sifted: &Sifted) -> String {
    let mut text = String::new();
    text += &paragraph("left out, as packages of conda's, whose names are not PyPI's", &sifted.of_conda);
    text += &paragraph("left out, as resolved from PyPI", &sifted.from_pypi);
    text += &paragraph("left out, as they stand on PyPI", &sifted.standing);
    text += &paragraph(
        "left out, as they stand on PyPI, and most of what their index serves does too, so it is a mirror",
        &sifted.mirrored,
    );
    text
}

fn paragraph<'p>(why: &str, packages: impl IntoIterator<Item = &'p Package>) -> String {
    let name = |package: &Package| match &package.origin {
        ResolvedFrom::Index(index) => format!("{} ({index})", package.name),
        ResolvedFrom::Unsaid | ResolvedFrom::Pypi | ResolvedFrom::Direct | ResolvedFrom::Conda => package.name.clone(),
    };
    let names: Vec<String> = packages.into_iter().map(name).collect();
    if names.is_empty() { String::new() } else { format!("{why} ({}): {}\n", names.len(), names.join(", ")) }
}

/// Folders of one's own whose projects are called nobody knows how.
pub(super) fn unnamed(folders: &[String]) -> String {
    let listed = folders.iter().map(|folder| harmless(folder)).collect::<Vec<_>>().join(", ");
    match folders.len() {
        0 => String::new(),
        n => format!(
            "left out, as folders whose pyproject.toml does not say a name here ({n}): {listed}: add their names by hand\n"
        ),
    }
}

/// What a file names besides its packages. Of another language there may be hundreds, so not all are listed.
pub(super) fn aside(aside: &[String], foreign: &[String], unread: &[String]) -> String {
    const SHOWN: usize = 10;
    let told = |why: &str, names: &[String], remedy: &str| {
        let names: BTreeSet<&str> = names.iter().map(String::as_str).collect();
        let shown = names.iter().take(SHOWN).map(|name| harmless(name)).collect::<Vec<_>>().join(", ");
        let more = if names.len() > SHOWN { ", …" } else { "" };
        if names.is_empty() { String::new() } else { format!("{why} ({}): {shown}{more}{remedy}\n", names.len()) }
    };
    const REMEDY: &str = ": add what is yours by hand";
    told("not read as names, and called as yours are", unread, ": look whether they are names")
        + &told("left out, as what stands beside a name, or is of no language that is said", aside, REMEDY)
        + &told("left out, as packages of other languages or of the system", foreign, "")
}

/// The error of a file in which nothing is one's own.
pub(super) fn nothing(source: &Source, sifted: &Sifted, aside: &str) -> InventoryError {
    let all = left_out(sifted) + aside;
    let what = match all.is_empty() {
        true => "it lists no package".to_owned(),
        false => format!("nothing of it is yours: {}", all.trim_end().replace('\n', "; ")),
    };
    let fault = Fault::new(what, "import a file with packages of your own, or watch these too with --include-public");
    InventoryError::Invalid { problems: vec![source.problem(0, "", fault)] }
}
