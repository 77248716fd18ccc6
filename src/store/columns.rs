//! What stands in a column, and what it stands for, where more than one table has it.

use super::StoreError;
use crate::model::notice::NoticeEvent;
use crate::model::{Channel, ProjectName, RegistrationId, Registry, Serial};

/// A serial as a column; one beyond 2^63 is no serial of this world and is kept at the top.
pub(super) fn serial_code(serial: Serial) -> i64 {
    i64::try_from(serial.0).unwrap_or(i64::MAX)
}

pub(super) fn serial_of(code: i64) -> Serial {
    Serial(code.unsigned_abs())
}

/// A registry as a column. 0 is none: what is the watch's own.
pub(super) fn registry_code(registry: Registry) -> i64 {
    match registry {
        Registry::Pypi => 1,
        #[cfg(test)]
        Registry::Npm => 2,
    }
}

pub(super) fn registry_of(code: i64) -> Result<Registry, StoreError> {
    let found = Registry::ALL.iter().copied().find(|registry| registry_code(*registry) == code);
    found.ok_or_else(|| StoreError::unreadable("a registry", code))
}

/// Reads a project from its two columns.
pub(super) fn project(registry: i64, name: &str) -> Result<ProjectName, StoreError> {
    ProjectName::at(registry_of(registry)?, name).map_err(|e| StoreError::unreadable("a project name", e))
}

/// Reads a channel's name.
pub(super) fn channel(text: &str) -> Result<Channel, StoreError> {
    text.parse().map_err(|e| StoreError::unreadable("a channel", e))
}

/// Reads what happened to a case.
pub(super) fn kind(text: String) -> Result<NoticeEvent, StoreError> {
    word("an event", text)
}

/// Reads one of a closed set.
pub(super) fn word<T: serde::de::DeserializeOwned>(what: &'static str, text: String) -> Result<T, StoreError> {
    serde_json::from_value(serde_json::Value::String(text)).map_err(|e| StoreError::unreadable(what, e))
}

/// A registration as a column: the second of its creation, or minus the serial at which it was listed.
pub(super) fn registration_code(id: RegistrationId) -> i64 {
    match id {
        RegistrationId::Second(second) => second.max(0),
        RegistrationId::Listed(serial) => -serial_code(serial).max(1),
    }
}

pub(super) fn registration_of(code: i64) -> RegistrationId {
    if code < 0 { RegistrationId::Listed(Serial(code.unsigned_abs())) } else { RegistrationId::Second(code) }
}
