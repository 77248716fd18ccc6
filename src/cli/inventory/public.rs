//! What of an import is anybody's, because it is from PyPI or stands there, and how that is told: always by name.

use std::collections::BTreeSet;
use std::path::Path;

use crate::cli::Failure;
use crate::cli::desk::Desk;
use crate::cli::index_file::Names;
use crate::config::Environment;
use crate::config::source::{Fault, Source};
use crate::inventory::{InventoryError, Sifted};
use crate::lists::{Origin, Package};
use crate::matcher::is_distinctive;
use crate::model::ProjectName;
use crate::model::command::Command;
use crate::pipeline::{Known, PAGE};

/// Those of the names that stand on PyPI, by an index or by the baseline of the daemon or the store; `None` where there
/// is none of these.
///
/// # Errors
/// When the configuration that would lead to them is broken.
pub(super) async fn standing(
    config: Option<&Path>,
    environment: &Environment,
    index: Option<&Names>,
    names: &BTreeSet<ProjectName>,
) -> Result<Option<BTreeSet<ProjectName>>, Failure> {
    if names.is_empty() {
        return Ok(None);
    }
    if let Some(index) = index {
        return Ok(Some(known(names, index.text().lines())));
    }
    if config.is_none() && !environment.config_path(None).exists() {
        return Ok(None);
    }
    // Who may not ask the store imports all the same, and is told what is not known.
    Ok(of_baseline(&Desk::open(config, environment)?, names).await.ok().flatten())
}

async fn of_baseline(desk: &Desk, names: &BTreeSet<ProjectName>) -> Result<Option<BTreeSet<ProjectName>>, Failure> {
    if !desk.is_staffed().await? {
        return Ok(None);
    }
    let (mut standing, mut empty) = (BTreeSet::new(), true);
    let page = |after| Command::Known { after, limit: PAGE };
    desk.ask_on(page(None), |rows: Vec<Known>| {
        standing.extend(known(names, rows.iter().map(|Known(name, _)| name.as_str())));
        let Known(last, _) = rows.into_iter().next_back()?;
        empty = false;
        Some(page(Some(last)))
    })
    .await?;
    Ok((!empty).then_some(standing))
}

fn known<'t>(names: &BTreeSet<ProjectName>, listed: impl Iterator<Item = &'t str>) -> BTreeSet<ProjectName> {
    listed.filter_map(|name| ProjectName::parse(name).ok()).filter(|name| names.contains(name)).collect()
}

/// What was left out, and what is not known of the rest; a paragraph each.
pub(super) fn remarks(sifted: &Sifted, asked: bool) -> String {
    let mut text = String::new();
    text += &paragraph("left out, as resolved from PyPI", &sifted.from_pypi);
    text += &paragraph("left out, as they stand on PyPI", &sifted.standing);
    text += &paragraph("left out, as they stand on PyPI, though they are resolved from elsewhere", &sifted.twice);
    if !sifted.twice.is_empty() {
        text += "  either that index mirrors PyPI, or somebody has taken your names: look at each on PyPI, and watch those that are \
                 yours\n";
    }
    let like_yours = like_ones_own(sifted);
    if !like_yours.is_empty() {
        text += &format!(
            "  of these, {} begin as yours do: somebody may have taken your names, so look at each\n",
            like_yours.join(", ")
        );
    }
    if !text.is_empty() {
        text += "to watch them too: --include-public\n";
    }
    if !asked {
        text += "which of the watched names stand on PyPI is not known here: import where the daemon runs, or name an index \
                 with --index\n";
    }
    text
}

/// Names that stand on PyPI and begin with a word that only the kept ones have.
fn like_ones_own(sifted: &Sifted) -> Vec<&str> {
    let word = |package: &Package| {
        let name = ProjectName::parse(&package.name).ok()?;
        let (word, _) = name.as_str().split_once('-')?;
        is_distinctive(word).then(|| word.to_owned())
    };
    let own: BTreeSet<String> = sifted.kept.iter().filter_map(word).collect();
    let like = |package: &&Package| word(package).is_some_and(|word| own.contains(&word));
    sifted.standing.iter().filter(like).map(|package| package.name.as_str()).collect()
}

fn paragraph(why: &str, packages: &[Package]) -> String {
    let name = |package: &Package| match &package.origin {
        Origin::Index(index) => format!("{} ({index})", package.name),
        Origin::Unsaid | Origin::Pypi | Origin::Direct => package.name.clone(),
    };
    let names: Vec<String> = packages.iter().map(name).collect();
    if names.is_empty() { String::new() } else { format!("{why} ({}): {}\n", names.len(), names.join(", ")) }
}

/// The error of a file in which nothing is one's own.
pub(super) fn nothing(source: &Source, sifted: &Sifted) -> InventoryError {
    let all = remarks(sifted, true);
    let what = match all.is_empty() {
        true => "it lists no package".to_owned(),
        false => format!("nothing of it is yours: {}", all.trim_end().replace('\n', "; ")),
    };
    let fault = Fault::new(what, "import a file with packages of your own");
    InventoryError::Invalid { problems: vec![source.problem(0, "", fault)] }
}
