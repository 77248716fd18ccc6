//! What nobody can guess: 256 bits of the kernel's, and the digest by which they are known again.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

/// Bytes of a session, a token or a key.
const BYTES: usize = 32;

/// 256 random bits as 43 letters of base64url.
///
/// # Errors
/// The kernel gives none.
pub fn random() -> Result<String, getrandom::Error> {
    let mut bytes = [0_u8; BYTES];
    getrandom::fill(&mut bytes)?;
    Ok(BASE64_URL_SAFE_NO_PAD.encode(bytes))
}

/// By what the store knows it. A plain digest is enough for what nobody can guess.
pub fn digest(secret: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(secret.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_are_alike_and_each_is_known_by_its_digest() {
        let (one, two) = (random().expect("bits"), random().expect("bits"));
        assert_eq!((one.len(), digest(&one).len()), (43, 43));
        assert!(one != two && digest(&one) != digest(&two) && !digest(&one).contains(&one));
    }
}
