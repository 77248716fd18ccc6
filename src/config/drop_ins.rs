//! Drop-ins: which files stand beside the configuration and count as parts of it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Where the drop-ins of this configuration are: `namewarden.d` beside `namewarden.toml`.
pub(super) fn directory(configuration: &Path) -> PathBuf {
    configuration.with_extension("d")
}

/// The files of the directory that count, in the order of their names; none where there is no directory.
///
/// # Errors
/// The system's, when the directory cannot be listed.
pub(super) fn list(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let paths: Result<Vec<PathBuf>, io::Error> = entries.map(|entry| Ok(entry?.path())).collect();
    let mut paths: Vec<PathBuf> = paths?.into_iter().filter(|path| counts(path)).collect();
    paths.sort();
    Ok(paths)
}

/// Editors and package managers leave `x.toml~`, `x.toml.bak`, `.x.toml.swp` behind. A link that leads nowhere counts, and
/// fails when it is read: it was to say something.
fn counts(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().as_encoded_bytes();
    let named = name.ends_with(b".toml") && !name.starts_with(b".");
    named && fs::metadata(path).map_or(true, |meta| meta.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regular_files_that_end_in_toml_count_in_the_order_of_their_names() {
        let dir = tempfile::tempdir().expect("a directory");
        let drop_ins = directory(&dir.path().join("namewarden.toml"));
        assert_eq!(drop_ins, dir.path().join("namewarden.d"));
        assert_eq!(list(&drop_ins).expect("none").len(), 0);
        fs::create_dir_all(drop_ins.join("40-directory.toml")).expect("made");
        let leavings = ["10-a.toml~", "10-a.toml.bak", ".10-a.toml", ".toml", "#10-a.toml#", "10-a.TOML", "README"];
        for name in ["50-z.toml", "10-a.toml", "9-b.toml"].iter().chain(&leavings) {
            fs::write(drop_ins.join(name), "").expect("written");
        }
        std::os::unix::fs::symlink(drop_ins.join("50-z.toml"), drop_ins.join("20-link.toml")).expect("linked");
        std::os::unix::fs::symlink("nowhere", drop_ins.join("30-gone.toml")).expect("linked");
        let names: Vec<_> =
            list(&drop_ins).expect("listed").iter().map(|path| path.file_name().map(ToOwned::to_owned)).collect();
        let wanted = ["10-a.toml", "20-link.toml", "30-gone.toml", "50-z.toml", "9-b.toml"];
        assert_eq!(names, wanted.map(|name| Some(name.into())));
    }
}
