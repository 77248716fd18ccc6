//! The style sheet, the script and the mark: embedded, and each at an address that changes with it, so that it may be kept
//! for ever.

use std::sync::LazyLock;

use sha2::{Digest as _, Sha256};

/// One of them.
#[derive(Debug)]
pub(super) struct Asset {
    pub(super) media_type: &'static str,
    pub(super) body: &'static str,
    /// Where it is.
    path: LazyLock<String>,
}

macro_rules! asset {
    ($name:ident, $file:literal, $media_type:literal) => {
        pub(super) static $name: Asset = Asset {
            media_type: $media_type,
            body: include_str!(concat!("assets/", $file)),
            path: LazyLock::new(|| address($file, include_str!(concat!("assets/", $file)))),
        };
    };
}

asset!(STYLE, "style.css", "text/css; charset=utf-8");
asset!(SCRIPT, "live.js", "text/javascript; charset=utf-8");
asset!(ICON, "icon.svg", "image/svg+xml");

fn address(file: &str, body: &str) -> String {
    let digest: String = Sha256::digest(body.as_bytes()).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    format!("/assets/{digest}/{file}")
}

impl Asset {
    pub(super) fn path(&'static self) -> &'static str {
        &self.path
    }
}

/// The one at this address. Of another digest there is nothing: it is of another version.
pub(super) fn at(path: &str) -> Option<&'static Asset> {
    [&STYLE, &SCRIPT, &ICON].into_iter().find(|asset| asset.path() == path)
}
