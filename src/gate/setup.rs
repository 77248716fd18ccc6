//! How installers are made to use the gate and nothing else: what has to stand in which of their files, merged into what does.
//!
//! Nothing that a person wrote is taken out. An installer with a second index is not protected, so one that a file has is named, and
//! nothing is written.

mod bypass;
mod dependencies;
mod includes;
mod ini;
mod options;
mod past;
mod refused;
mod sources;
mod tool;
mod wish;

pub use bypass::{Bypass, BypassKind, bypasses};
pub use includes::{Include, includes};
pub use refused::SetupRefusal;
pub use tool::SetupTool;
pub use wish::SetupWish;

use toml_edit::DocumentMut;

use dependencies::keep;
use sources::{Layout, PDM, PIPENV, POETRY, UV, UV_TOML};

/// What a file of this tool has to be, of what it is. `file`: its name.
///
/// # Errors
/// What stands in the way of it, with what to do.
pub fn merged(tool: SetupTool, file: &str, before: &str, wish: &SetupWish) -> Result<String, SetupRefusal> {
    written(tool, file, before, wish, false)
}

/// What stands in a file of this tool that has nothing else. `file`: its name.
pub fn sketch(tool: SetupTool, file: &str, wish: &SetupWish) -> String {
    // Nothing stands in the way where nothing is.
    written(tool, file, "", wish, true).unwrap_or_default()
}

fn written(
    tool: SetupTool,
    file: &str,
    before: &str,
    wish: &SetupWish,
    is_sketch: bool,
) -> Result<String, SetupRefusal> {
    match tool {
        SetupTool::Pip => ini::merged(before, wish),
        SetupTool::PipTools => in_toml(before, |document| sources::only_index(document, wish)),
        SetupTool::Uv if file == "uv.toml" => in_toml(before, |document| {
            let index = sources::only(document, &UV_TOML, wish)?;
            wish.pins.first().map_or(Ok(()), |pin| Err(SetupRefusal::NoPins { index, name: pin.clone() }))
        }),
        SetupTool::Uv => pinned(before, &UV, wish, is_sketch),
        SetupTool::Poetry => pinned(before, &POETRY, wish, is_sketch),
        SetupTool::Pdm => in_toml(before, |document| sources::only(document, &PDM, wish).map(drop)),
        SetupTool::Pipenv => pinned(before, &PIPENV, wish, is_sketch),
    }
}

fn pinned(before: &str, layout: &Layout, wish: &SetupWish, is_sketch: bool) -> Result<String, SetupRefusal> {
    in_toml(before, |document| {
        let index = sources::only(document, layout, wish)?;
        wish.pins.iter().try_for_each(|pin| keep(document, layout, pin, &index, is_sketch))
    })
}

fn in_toml(
    before: &str,
    change: impl FnOnce(&mut DocumentMut) -> Result<(), SetupRefusal>,
) -> Result<String, SetupRefusal> {
    let mut document: DocumentMut = before.parse().map_err(|error| SetupRefusal::unread(&error))?;
    change(&mut document)?;
    Ok(document.to_string())
}

#[cfg(test)]
mod tests;
