//! What a configuration may say, and what a person should look at twice all the same.

use crate::config::{ClaimSettings, UploadSettings};
use crate::socket::users;

/// Each a line with the key, and with what to do.
pub(super) fn of(claim: &ClaimSettings) -> Vec<String> {
    remarks(claim, users::can_log_in(&claim.upload.user))
}

fn remarks(claim: &ClaimSettings, can_log_in: bool) -> Vec<String> {
    let (user, per_day) = (&claim.upload.user, claim.upload.per_day);
    let said = |is: bool, text: String| is.then_some(text);
    let remarks = [
        said(
            can_log_in && claim.upload.to.is_some(),
            format!(
                "claim.upload.user: {user} can log in: whoever uploads has the token, and can be neither of the two persons of a \
                 claim; give the uploader a user of its own, as namewarden-claim is"
            ),
        ),
        said(
            per_day > UploadSettings::ALLOWED,
            format!(
                "claim.upload.per_day: {per_day} a day, and PyPI takes {} new projects unless it has agreed to more; no more are \
                 sent before `namewarden claim agree REFERENCE` says that it has",
                UploadSettings::ALLOWED
            ),
        ),
    ];
    remarks.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Endpoint, Proof, TokenPlace, UploadSettings};

    #[test]
    fn what_is_usual_is_remarked_on_by_nobody_and_the_rest_names_its_key() {
        let to = Endpoint {
            address: "https://upload.example/legacy".to_owned(),
            proof: Proof::Token(TokenPlace::Credential("t".to_owned())),
        };
        let upload = |per_day| UploadSettings { to: Some(to.clone()), test: None, user: "ada".to_owned(), per_day };
        let usual = ClaimSettings { upload: upload(3), ..ClaimSettings::default() };
        assert!(remarks(&usual, false).is_empty());
        let odd = ClaimSettings { upload: upload(50), ..ClaimSettings::default() };
        let said = remarks(&odd, true);
        let keys: Vec<&str> = said.iter().filter_map(|said| said.split(": ").next()).collect();
        assert_eq!(keys, ["claim.upload.user", "claim.upload.per_day"]);
        assert!(remarks(&ClaimSettings::default(), true).is_empty(), "nobody uploads");
    }
}
