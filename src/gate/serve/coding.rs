//! How a page is compressed on its way (RFC 9110, section 12.5.3; Zstandard by RFC 8878).

use std::io::{self, Read as _};

use axum::http::HeaderMap;
use axum::http::header::ACCEPT_ENCODING;
use flate2::Compression;
use flate2::read::GzEncoder;

/// As far as installers know any: pip takes gzip, uv and Poetry Zstandard as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Coding {
    Identity,
    Gzip,
    Zstd,
}

/// As clients call them.
const NAMES: [(&str, Coding); 4] =
    [("gzip", Coding::Gzip), ("x-gzip", Coding::Gzip), ("zstd", Coding::Zstd), ("identity", Coding::Identity)];

/// Nearly twice as fast as the usual level, and a hundredth larger: who asks first waits for it.
const GZIP: Compression = Compression::new(3);
/// Slower than the usual level, and a sixth smaller; a page is compressed once.
const ZSTD: i32 = 9;

impl Coding {
    /// What is liked best, the smallest of equals.
    pub(super) fn wanted(asked: &HeaderMap) -> Self {
        let lists = asked.get_all(ACCEPT_ENCODING).iter().filter_map(|list| list.to_str().ok());
        let liked = lists.flat_map(|list| list.split(',')).filter_map(liked).filter(|(_, weight)| *weight > 0.0);
        let best = liked.max_by(|(one, a), (other, b)| a.total_cmp(b).then_with(|| one.rank().cmp(&other.rank())));
        best.map_or(Self::Identity, |(coding, _)| coding)
    }

    fn rank(self) -> u8 {
        match self {
            Self::Identity => 0,
            Self::Gzip => 1,
            Self::Zstd => 2,
        }
    }

    /// Its name; `None`: nothing was done.
    pub(super) fn name(self) -> Option<&'static str> {
        match self {
            Self::Identity => None,
            Self::Gzip => Some("gzip"),
            Self::Zstd => Some("zstd"),
        }
    }

    /// The text as it goes out.
    ///
    /// # Errors
    /// Where there is no memory for it.
    pub(super) fn of(self, plain: String) -> io::Result<Vec<u8>> {
        let mut coded = match self {
            Self::Identity => plain.into_bytes(),
            Self::Gzip => {
                let mut squeezed = Vec::new();
                GzEncoder::new(plain.as_bytes(), GZIP).read_to_end(&mut squeezed)?;
                squeezed
            }
            Self::Zstd => zstd::bulk::compress(plain.as_bytes(), ZSTD)?,
        };
        coded.shrink_to_fit();
        Ok(coded)
    }
}

/// A coding and its weight; none that is not known, and one that is broken has none.
fn liked(text: &str) -> Option<(Coding, f32)> {
    let mut parts = text.split(';').map(str::trim);
    let name = parts.next()?;
    let (_, coding) = NAMES.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name))?;
    let weight = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
    Some((coding, weight.map_or(Some(1.0), |weight| weight.parse().ok())?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_client_gets_the_smallest_that_it_takes() {
        for (asked, coding) in [
            ("gzip, deflate", Coding::Gzip),
            ("gzip, deflate, zstd", Coding::Zstd),
            ("zstd;q=0.5, gzip", Coding::Gzip),
            ("zstd;q=0, gzip;q=0.000", Coding::Identity),
            ("identity", Coding::Identity),
            ("GZIP;Q=1", Coding::Gzip),
            ("br, *", Coding::Identity),
            ("zstd;q=x", Coding::Identity),
            ("", Coding::Identity),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_ENCODING, asked.parse().expect("a value"));
            assert_eq!(Coding::wanted(&headers), coding, "{asked:?}");
        }
        assert_eq!(Coding::wanted(&HeaderMap::new()), Coding::Identity);
    }

    #[test]
    fn what_is_compressed_is_what_it_was() {
        let text = "files ".repeat(1000);
        let gzip = Coding::Gzip.of(text.clone()).expect("compressed");
        let read = io::read_to_string(flate2::read::GzDecoder::new(&gzip[..])).expect("gzip");
        let zstd = Coding::Zstd.of(text.clone()).expect("compressed");
        assert_eq!((read, zstd::decode_all(&zstd[..]).expect("zstd")), (text.clone(), text.clone().into_bytes()));
        assert_eq!(Coding::Identity.of(text.clone()).expect("as it is"), text.into_bytes());
    }
}
