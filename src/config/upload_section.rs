//! The section `[claim.upload]`, from its raw form to its settings. Nothing of it is opened here.

use toml::Spanned;

use super::check;
use super::credential::no_name;
use super::fault::Fault;
use super::file;
use super::key::Key;
use super::loader::{Loader, open};
use super::uploads::{Endpoint, Proof, TokenPlace, UploadSettings};

const SECTION: &str = "claim.upload";

/// PyPI's own limit is 4; one is left for people.
const PER_DAY: i64 = 3;
const PER_DAY_MOST: i64 = 50;

impl Loader<'_> {
    pub(super) fn uploads(&mut self, upload: Option<Spanned<file::ClaimUpload>>) -> Option<UploadSettings> {
        let (at, upload) = open(upload);
        let token = self.place(SECTION, "token", upload.token_file, upload.token_credential);
        let identity = self.place(SECTION, "identity", upload.identity_file, upload.identity_credential);
        let proof = self.one_proof(at.start, token?, identity?);
        let to = self.endpoint("", at.start, upload.address, proof?);
        let test = self.place(SECTION, "test_token", upload.test_token_file, upload.test_token_credential);
        let test = self.endpoint("test_", at.start, upload.test_address, test?.map(Proof::Token));
        let user = self.or("claim.upload.user", upload.user, "namewarden-claim".to_owned(), |text| user(&text));
        let per_day = self.or("claim.upload.per_day", upload.per_day, PER_DAY, per_day);
        Some(UploadSettings { to: to?, test: test?, user: user?, per_day: usize::try_from(per_day?).unwrap_or(0) })
    }

    /// Where a token is, by one of its two keys.
    pub(super) fn place(
        &mut self,
        section: &str,
        token: &str,
        file: Key<String>,
        credential: Key<String>,
    ) -> Option<Option<TokenPlace>> {
        let dir = self.directory.clone();
        let key = |kind: &str| format!("{section}.{token}_{kind}");
        Some(Some(match (file, credential) {
            (None, None) => return Some(None),
            (Some(path), None) => TokenPlace::File(self.check(&key("file"), path, |text| check::path(&dir, &text))?),
            (None, Some(name)) => TokenPlace::Credential(self.check(&key("credential"), name, credential_name)?),
            (Some(path), Some(_)) => {
                let fault = Fault::new("is given as a file and as a credential", "keep one of them");
                return self.note(path.span().start, &format!("{section}.{token}"), fault);
            }
        }))
    }

    /// Two proofs would leave open who uploads.
    fn one_proof(
        &mut self,
        at: usize,
        token: Option<TokenPlace>,
        identity: Option<TokenPlace>,
    ) -> Option<Option<Proof>> {
        match (token, identity) {
            (Some(_), Some(_)) => {
                let fault = Fault::new("is given beside a token", "keep one of them");
                self.note(at, &format!("{SECTION}.identity"), fault)
            }
            (token, identity) => Some(token.map(Proof::Token).or(identity.map(Proof::Identity))),
        }
    }

    /// An address and by what it knows us, or neither.
    fn endpoint(
        &mut self,
        prefix: &str,
        at: usize,
        address: Key<String>,
        proof: Option<Proof>,
    ) -> Option<Option<Endpoint>> {
        let key = format!("{SECTION}.{prefix}address");
        match (address, proof) {
            (None, None) => Some(None),
            (None, Some(_)) => {
                self.note(at, &key, Fault::new("is missing", "write the address that takes the packages"))
            }
            (Some(address), Some(proof)) => {
                let address = self.check(&key, address, |text| endpoint(&text))?;
                Some(Some(Endpoint { address, proof }))
            }
            (Some(_), None) => {
                let instead = format!("write {prefix}token_credential = \"NAME\" or {prefix}token_file = \"PATH\"");
                self.note(at, &format!("{SECTION}.{prefix}token"), Fault::new("is missing", instead))
            }
        }
    }
}

/// Where a token may go: TLS, or this machine. It may hold an account, so it is not repeated.
fn endpoint(text: &str) -> Result<String, Fault> {
    let write = "write the address that takes the packages, https://HOST/legacy/";
    let url = check::web(text).map_err(|what| Fault::new(format!("this address {what}"), write))?;
    let bare = url.query().is_none() && url.fragment().is_none();
    match bare && (url.scheme() == "https" || check::is_loopback_base(text)) {
        true => Ok(text.trim_end_matches('/').to_owned()),
        false => Err(Fault::new("this address is clear text, or goes on after the path".to_owned(), write)),
    }
}

fn credential_name(name: String) -> Result<String, Fault> {
    match name.is_empty() || name.starts_with('.') || name.contains(['/', '\0', ':']) {
        false => Ok(name),
        true => Err(no_name("pypi-token", "")),
    }
}

/// The name of a user, as useradd(8) takes it.
fn user(text: &str) -> Result<String, Fault> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    match !text.is_empty() && text.len() <= 32 && text.chars().all(is_plain) && !text.starts_with(['-', '.']) {
        true => Ok(text.to_owned()),
        false => Err(Fault::new(format!("{text:?} is no name of a user"), "write the user of the uploader's unit")),
    }
}

fn per_day(number: i64) -> Result<i64, Fault> {
    match (1..=PER_DAY_MOST).contains(&number) {
        true => Ok(number),
        false => Err(Fault::new(
            format!("{number} is no number of new projects a day"),
            format!("write 1 to {PER_DAY_MOST}; PyPI allows 4 a day unless it has agreed to more"),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_goes_over_tls_or_within_this_machine() {
        assert_eq!(endpoint("https://upload.example/legacy/").expect("good"), "https://upload.example/legacy");
        assert!(endpoint("http://127.0.0.1:8080/legacy/").is_ok());
        for bad in [
            "http://upload.example/legacy/",
            "https://u:hunter2@upload.example/",
            "https://upload.example/?t=hunter2",
            "x",
        ] {
            let fault = endpoint(bad).expect_err(bad);
            assert!(!fault.what.contains("hunter2") && !fault.instead.contains("hunter2"), "{fault:?}");
        }
    }

    #[test]
    fn users_credentials_and_numbers_are_plain() {
        assert!(user("namewarden-claim").is_ok() && user("-x").is_err() && user("a b").is_err() && user("").is_err());
        assert!(credential_name("pypi-token".to_owned()).is_ok());
        for bad in ["", ".x", "a/b", "a:b"] {
            assert!(credential_name(bad.to_owned()).is_err(), "{bad}");
        }
        assert!(per_day(3).is_ok() && per_day(0).is_err() && per_day(51).is_err());
    }
}
