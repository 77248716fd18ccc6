//! The body of a report: text, or a page with its pictures, and tables beside them (RFC 2046, 2387, 2392).

use lettre::message::header::{ContentType, ContentTypeErr};
use lettre::message::{Attachment, Body, MultiPart, SinglePart};

use crate::reports::Parts;

/// # Errors
/// When lettre cannot make a part of it.
pub(super) fn body(parts: &Parts) -> Result<MultiPart, lettre::error::Error> {
    let related = parts
        .pictures
        .iter()
        .fold(MultiPart::related().singlepart(SinglePart::html(parts.html.clone())), |related, (name, png)| {
            related.singlepart(Attachment::new_inline(name.clone()).body(png.clone(), png_type()))
        });
    let both = MultiPart::alternative().singlepart(SinglePart::plain(parts.text.clone())).multipart(related);
    let mut mixed = MultiPart::mixed().multipart(both);
    for table in &parts.tables {
        let kind = ContentType::parse(table.kind).map_err(unknown)?;
        // In base64: no line of it is too long, and nobody on the way changes its ends.
        let body =
            Body::new_with_encoding(table.body.clone(), lettre::message::header::ContentTransferEncoding::Base64);
        let body = body.map_err(|_| lettre::error::Error::CannotParseFilename)?;
        mixed = mixed.singlepart(Attachment::new(table.name.to_owned()).body(body, kind));
    }
    Ok(mixed)
}

fn png_type() -> ContentType {
    ContentType::parse("image/png").unwrap_or(ContentType::TEXT_PLAIN)
}

fn unknown(_: ContentTypeErr) -> lettre::error::Error {
    lettre::error::Error::CannotParseFilename
}
