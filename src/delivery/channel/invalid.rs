//! Settings that can never work, found before anything is sent.

use crate::model::Channel;
use crate::upstream::TrustError;

/// Settings from which no channel can be built. Never holds a secret.
#[derive(Debug, thiserror::Error)]
pub enum ChannelsError {
    #[error("[alert.email] from = {from:?} is no mail address: write one, such as \"namewarden@acme.example\"")]
    Sender { from: String, source: lettre::address::AddressError },
    #[error("[alert.email] tls = \"none\" would send mail in clear text to {host}: use \"starttls\" or \"implicit\"")]
    ClearText { host: String },
    #[error("[alert.email] username and password go together: give both or neither")]
    Credentials,
    #[error(
        "[alert.email] host = {host:?} is no name that a certificate could hold: write the mail server's full name"
    )]
    Host { host: String },
    #[error("[alert.email] ca_file: {0}")]
    Trust(#[from] TrustError),
    #[error("the address of {channel} is no http or https address: put the whole address into its credential file")]
    Address { channel: Channel },
    #[error("the signing secret of {channel} is not \"whsec_\" and the base64 of 24 to 64 bytes")]
    Signing { channel: Channel },
}
