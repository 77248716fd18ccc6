//! A kind of channel is an entry of the list and a file a layer: ARCHITECTURE.md, "To add a channel".

use std::fs;

use namewarden::model::ChannelKind;

use crate::layering::product;
use crate::source::root;

/// What others than the list and its own files may say of one kind by name.
const MAY_NAME: [&str; 1] = ["src/messages/"];

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[test]
fn every_kind_has_its_files_and_a_place_in_the_documents() {
    let (sample, credentials) = (read("config/namewarden.toml"), read("config/credentials.md"));
    for word in ChannelKind::ALL.map(ChannelKind::as_str) {
        let (section, delivery) = (format!("src/config/channels/{word}.rs"), format!("src/delivery/channel/{word}.rs"));
        assert!(
            read(&section).starts_with(&format!("//! `[alert.{word}.NAME]`: ")),
            "{section} introduces the section"
        );
        assert!(read(&delivery).contains("test]\n"), "{delivery} has tests");
        assert!(sample.contains(&format!("\n#[alert.{word}.")), "config/namewarden.toml has {word}");
        if read(&section).contains("_credential") {
            assert!(credentials.contains(&format!("`[alert.{word}.NAME] ")), "config/credentials.md has {word}");
        }
    }
}

#[test]
fn no_other_place_names_a_kind() {
    let product = product();
    for kind in ChannelKind::ALL {
        let (word, variant) = (kind.as_str(), format!("{kind:?}"));
        let own = [format!("src/config/channels/{word}.rs"), format!("src/delivery/channel/{word}.rs")];
        let names = |path: &[String]| {
            let kinds = ["Channel", "ChannelKind", "ChannelSettings"];
            path.windows(2).any(|pair| kinds.contains(&pair[0].as_str()) && pair[1] == variant)
        };
        let files = product.iter().filter(|source| source.names.iter().any(|named| names(&named.segments)));
        let files = files.map(|source| source.path.as_str());
        let others: Vec<&str> = files
            .filter(|path| !own.iter().any(|own| own == path) && !MAY_NAME.iter().any(|of| path.starts_with(of)))
            .collect();
        assert!(others.is_empty(), "{variant}: {others:?}");
    }
}
