//! Gives the uploader its work, and takes down what it tells. It is one user of this machine, and nobody else is given any.

use super::refusal::Refusal;
use super::reply::{Reply, reply};
use super::service::CommandService;
use super::v1::{self, Told};
use crate::failpoint::{self, Step};
use crate::model::Actor;
use crate::model::claim::{ClaimEvent, ClaimKey, ClaimRefusal, Party};
use crate::socket::users;

impl CommandService {
    /// The uploader asks what to do.
    pub(super) async fn claim_work(&self, actor: &Actor) -> Result<Reply, Refusal> {
        self.must_be_the_uploader(actor).await?;
        let desk = self.desk();
        let work = self.store.write(move |tx| desk.work(tx)).await?;
        failpoint::hit(Step::ClaimGiven);
        reply(v1::Work::from(&work))
    }

    /// The uploader tells what it did, or is about to do.
    pub(super) async fn claim_report(&self, actor: &Actor, claim: String, step: Told) -> Result<Reply, Refusal> {
        self.must_be_the_uploader(actor).await?;
        let key: ClaimKey = claim.parse().map_err(|error| Refusal::BadValue {
            what: "claim",
            value: claim,
            why: format!("{error}"),
        })?;
        let (desk, told) = (self.desk(), ClaimEvent::from(step));
        let done = self.store.write(move |tx| desk.report(tx, &key, &told)).await?;
        failpoint::hit(Step::ClaimStored);
        let claim = done.map_err(Refusal::Claim)?;
        self.bells.claims();
        reply(v1::Reported { claim: claim.key.to_string(), state: claim.state.as_str().to_owned() })
    }

    async fn must_be_the_uploader(&self, actor: &Actor) -> Result<(), Refusal> {
        let user = self.settings.borrow().claim.upload.user.clone();
        match self.running && !actor.is_of_the_web() && actor.uid.is_some() && actor.uid == users::uid_of(&user).await {
            true => Ok(()),
            false => Err(Refusal::Claim(ClaimRefusal::NotTheUploader(Party::from(actor)).to_string())),
        }
    }
}
