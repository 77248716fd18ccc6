//! Names, versions and commands within a sentence: what stands between backticks is code.
//!
//! Only we write backticks: `hostile::shown` makes apostrophes of a stranger's, so nobody else can begin or end a mark.

/// A stretch of a text that looks one way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    pub text: String,
    pub code: bool,
}

/// Marks text of one value, which has been through `hostile::shown`.
pub fn code(text: &str) -> String {
    format!("`{text}`")
}

/// The stretches of a text in order, none of them empty.
pub fn partitions(text: &str) -> Vec<Piece> {
    let stretches = text.split('`').enumerate();
    let partitions = stretches.map(|(at, text)| Piece { text: text.to_owned(), code: at % 2 == 1 });
    partitions.filter(|piece| !piece.text.is_empty()).collect()
}

/// For forms that show no difference.
pub fn bare(text: &str) -> String {
    text.replace('`', "")
}
