//! What a package asks for, it uses: a crate that nothing names any more would be built all the same.

use std::collections::BTreeSet;
use std::fs;

use toml::Table;

use crate::source::{FACES, files, root};

fn text(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn manifest(path: &str) -> Table {
    text(path).parse().unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The manifest of the package with this face.
fn manifest_of(face: &str) -> String {
    let layer = face.strip_prefix("src/").and_then(|face| face.strip_suffix("_layer.rs"));
    layer.map_or_else(|| "Cargo.toml".to_owned(), |layer| format!("layers/{layer}/Cargo.toml"))
}

/// All that is written in a package, without comments; of the root its tests and benches, too.
fn written(face: &str) -> String {
    let lists = text(face);
    let modules = lists.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'));
    let of_module = |module: &str| [files(&format!("src/{module}"), ".rs"), vec![format!("src/{module}.rs")]].concat();
    let mut paths: Vec<String> = modules.flat_map(of_module).collect();
    if face == "src/lib.rs" {
        paths.extend(
            ["tests", "benches"].into_iter().flat_map(|dir| files(dir, ".rs")).chain(["src/main.rs".to_owned()]),
        );
    }
    paths.push(face.to_owned());
    let texts = paths.iter().filter_map(|path| fs::read_to_string(root().join(path)).ok());
    let code =
        |text: String| text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
    texts.map(code).collect::<Vec<_>>().join("\n")
}

/// Does a path begin with this crate?
fn names(text: &str, name: &str) -> bool {
    text.match_indices(&format!("{name}::")).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        before.is_none_or(|before| !(before.is_alphanumeric() || "_:.".contains(before)))
    })
}

#[test]
fn each_package_uses_what_it_asks_for() {
    let mut unused = BTreeSet::new();
    for face in FACES {
        let (path, text) = (manifest_of(face), written(face));
        let manifest = manifest(&path);
        let tables = ["dependencies", "dev-dependencies"].map(|table| manifest[table].as_table().expect("a table"));
        assert!(tables[0].len() > 3, "{path}: what it asks for was not read");
        for name in tables.into_iter().flat_map(Table::keys) {
            // Two whose library has a name of its own.
            let library = match name.as_str() {
                "md-5" => "md5".to_owned(),
                "rustls-webpki" => "webpki".to_owned(),
                name => name.replace('-', "_"),
            };
            if !names(&text, &library) {
                unused.insert(format!("{path}: {name}"));
            }
        }
    }
    assert!(unused.is_empty(), "nothing names these crates: {unused:#?}");
}
