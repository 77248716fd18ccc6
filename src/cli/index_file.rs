//! The names of what `--index` gives, with what may be missing or misread said to whoever asked.

use std::process::ExitCode;

use super::call::Call;
use super::failure::Failure;
use crate::lists::Sought;
use crate::logging::remark;
use crate::model::{Inventory, ProjectName, Registry, WatchId, WatchKind};
use crate::registry::http_client;
use crate::replay::names::{self, NameLines, TIMEOUT};
use crate::upstream::{Egress, HttpClient};

/// Names from an address when it begins like one, from standard input for `-`, else from a file. What is looked for is told where it
/// stands and is not read.
pub(super) async fn read(index: &str, call: &Call, sought: &Sought) -> Result<NameLines, Failure> {
    let read = match names::is_address(index) {
        true => names::fetched(index, &client(call)?, sought).await,
        false => names::read(index, sought),
    };
    let names = read.map_err(|e| Failure::failed(&e))?;
    names.remarks.iter().for_each(|text| remark(text));
    Ok(names)
}

/// The watched names of an inventory.
pub(super) fn watched(inventory: &Inventory) -> Sought {
    let is_name = |id: &&WatchId| id.kind == WatchKind::Name && id.registry == Registry::Pypi;
    let watched = inventory.watches.keys().filter(is_name).filter_map(|id| ProjectName::parse(&id.text).ok());
    Sought::of(&watched.chain(inventory.listed.keys().cloned()).collect::<Vec<_>>())
}

/// With the configuration's proxy and certificates, where there is one.
fn client(call: &Call) -> Result<HttpClient, Failure> {
    if call.is_configured() {
        let settings = crate::config::load(&call.path(), &call.environment)?;
        return http_client(&settings).map_err(|e| Failure::failed(&e));
    }
    let egress = Egress { contact: "scan", proxy: None, ca_file: None, timeout: TIMEOUT };
    HttpClient::new(&egress).map_err(|e| Failure::failed(&e))
}

/// When nothing is found: was all of it read? What was not may hold what was looked for.
pub(super) fn all_clear(doubtful: bool) -> Result<ExitCode, Failure> {
    if doubtful {
        let what = "not all of the index could be read as names, so what was not found may be there all the same";
        return Err(Failure::new(format!("{what}; mend what is said above, or make the list again")));
    }
    Ok(ExitCode::SUCCESS)
}
