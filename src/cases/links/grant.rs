//! What a link grants, and its signed form. Pure.
//!
//! A token is base64url of 38 bytes and their HMAC-SHA256: a form, the act, the number of the case, its edition, the second at
//! which it ends, and who it was sent to, as a keyed digest (`addressee`).

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hmac::Mac as _;

use super::key::LinkKey;
use crate::model::CaseId;

/// What its holder may do by it. That of a message opens the page, and the buttons there have one each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkAct {
    /// Read what the message said. Changes nothing.
    Open,
    Acknowledge,
    Snooze,
    Harmless,
}

/// What one token grants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grant {
    pub act: LinkAct,
    pub case: CaseId,
    /// Of the case: one that got worse since is another.
    pub edition: u32,
    /// The second at which it ends, from 1970.
    pub ends: i64,
    /// Who it was sent to.
    pub addressee: [u8; 16],
}

/// Of the form below; another would be another number.
const FORM: u8 = 1;
const BODY: usize = 38;
const MAC: usize = 32;

impl LinkAct {
    pub const ALL: [Self; 4] = [Self::Open, Self::Acknowledge, Self::Snooze, Self::Harmless];

    /// Never to change while links of before may be about.
    fn code(self) -> u8 {
        match self {
            Self::Open => 1,
            Self::Acknowledge => 2,
            Self::Snooze => 3,
            Self::Harmless => 4,
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Acknowledge => "acknowledge",
            Self::Snooze => "snooze",
            Self::Harmless => "harmless",
        }
    }
}

/// The token.
pub fn sealed(grant: &Grant, key: &LinkKey) -> String {
    let body = body(grant);
    let mac = key.mac("link", &[&body]).finalize().into_bytes();
    BASE64_URL_SAFE_NO_PAD.encode([&body[..], &mac[..]].concat())
}

/// What a token grants, if this key signed it.
pub fn opened(token: &str, key: &LinkKey) -> Option<Grant> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(token).ok().filter(|bytes| bytes.len() == BODY + MAC)?;
    let (body, mac) = bytes.split_at(BODY);
    key.mac("link", &[body]).verify_slice(mac).ok()?;
    read(body)
}

fn body(of: &Grant) -> Vec<u8> {
    let head = [FORM, of.act.code()];
    let (case, edition, ends) = (of.case.0.to_be_bytes(), of.edition.to_be_bytes(), of.ends.to_be_bytes());
    [&head[..], &case, &edition, &ends, &of.addressee].concat()
}

fn read(body: &[u8]) -> Option<Grant> {
    let (&[form, act], rest) = body.split_first_chunk::<2>()?;
    let (case, rest) = rest.split_first_chunk()?;
    let (edition, rest) = rest.split_first_chunk()?;
    let (ends, rest) = rest.split_first_chunk()?;
    let act = LinkAct::ALL.into_iter().find(|known| form == FORM && known.code() == act)?;
    Some(Grant {
        act,
        case: CaseId(u64::from_be_bytes(*case)),
        edition: u32::from_be_bytes(*edition),
        ends: i64::from_be_bytes(*ends),
        addressee: rest.try_into().ok()?,
    })
}
