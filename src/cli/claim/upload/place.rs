//! Where the uploader works: by which configuration, with which token, towards which indexes.

use super::super::super::call::Call;
use super::super::super::failure::Failure;
use super::super::super::inventory;
use super::line::Line;
use crate::api::v1::{Problem, ProblemType};
use crate::claims::uploader::{Done, Opener, Publisher, UploadIndex, made};
use crate::clock::Clock;
use crate::config::{self, ConfigError, Endpoint, Settings, upload_token};
use crate::model::ProjectName;
use crate::model::claim::Work;
use crate::registry::{http_client, upload_client};

/// How an address of an index that takes uploads ends, where its pages are beside it.
const DOOR: &str = "/legacy";

pub(super) struct Place<'c> {
    call: &'c Call,
    settings: Settings,
}

impl<'c> Place<'c> {
    /// No secret of the daemon is opened: this process needs none, and may not read them.
    pub(super) fn find(call: &'c Call) -> Result<Self, Failure> {
        Ok(Self { call, settings: config::load_sealed(&call.path(), &call.environment)? })
    }

    /// Is everything there that an upload needs? A restart would not bring it.
    pub(super) fn check(&self) -> Result<(), Failure> {
        let wrong = |why: String| Failure {
            problem: Problem::new(ProblemType::Configuration, why),
            status: ConfigError::EXIT_STATUS,
        };
        let upload = &self.settings.claim.upload;
        upload.to.as_ref().ok_or_else(nowhere).map_err(wrong)?;
        for endpoint in upload.to.iter().chain(&upload.test) {
            (self.opener(endpoint))().map_err(wrong)?;
        }
        Ok(())
    }

    pub(super) async fn work(&self, line: &Line, work: &Work) -> Result<Done, Failure> {
        let upload = &self.settings.claim.upload;
        let to = upload.to.as_ref().ok_or_else(|| Failure::new(nowhere()))?;
        let to = self.index(to, &self.settings.pypi.base)?;
        // The pages of a test index hang where its door does.
        let beside = |test: &Endpoint| test.address.trim_end_matches(DOOR).to_owned();
        let test = upload.test.as_ref().map(|test| self.index(test, &beside(test))).transpose()?;
        let maker = |name: &ProjectName, used: &[String]| {
            let inventory = inventory::named(self.call, None).map_err(|failure| failure.to_string())?;
            made(&self.settings, &inventory, name, used)
        };
        let publisher = Publisher { maker: &maker, to: &to, test: test.as_ref() };
        publisher.work(line, work).await.map_err(|untold| Failure::failed(&untold))
    }

    fn index(&self, endpoint: &Endpoint, pages: &str) -> Result<UploadIndex, Failure> {
        let failed = |error| Failure::failed(&error);
        let clients = (http_client(&self.settings).map_err(failed)?, upload_client(&self.settings).map_err(failed)?);
        UploadIndex::new(endpoint, pages, clients, &Clock::System, self.opener(endpoint)).map_err(failed)
    }

    fn opener(&self, endpoint: &Endpoint) -> Opener {
        let (file, environment, endpoint) = (self.call.path(), self.call.environment.clone(), endpoint.clone());
        Box::new(move || upload_token(&file, &environment, &endpoint))
    }
}

fn nowhere() -> String {
    "[claim.upload] address is missing, so nothing can be published: write it".to_owned()
}
