//! What SQLite's errors mean: here they become ours, and no further do they come.

use rusqlite::{Error, ErrorCode, ffi};

use crate::store::StoreError;
use crate::store::error::Cause;

impl From<Error> for StoreError {
    fn from(error: Error) -> Self {
        let cause = match &error {
            Error::SqliteFailure(code, _) => cause(*code),
            _ => Cause::Wrong,
        };
        Self::Engine { cause, detail: error.to_string() }
    }
}

/// By SQLite's result codes (sqlite.org/rescode.html).
fn cause(code: ffi::Error) -> Cause {
    match code.code {
        ErrorCode::DiskFull => Cause::Full,
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Cause::Busy,
        ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => Cause::Corrupt,
        ErrorCode::SystemIoFailure if code.extended_code == ffi::SQLITE_IOERR_CORRUPTFS => Cause::Corrupt,
        ErrorCode::SystemIoFailure => Cause::Disk,
        ErrorCode::CannotOpen | ErrorCode::ReadOnly => Cause::Shut,
        _ => Cause::Wrong,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn sqlite(extended: i32) -> StoreError {
        let failure = Error::SqliteFailure(ffi::Error::new(extended), None);
        StoreError::from(failure).at(Path::new("/var/lib/namewarden/namewarden.db"))
    }

    #[test]
    fn what_may_pass_is_waited_for_and_damage_is_not() {
        let passing = [
            ffi::SQLITE_FULL,
            ffi::SQLITE_BUSY,
            ffi::SQLITE_BUSY_RECOVERY,
            ffi::SQLITE_LOCKED,
            ffi::SQLITE_IOERR_FSYNC,
            ffi::SQLITE_IOERR_WRITE,
            ffi::SQLITE_IOERR_SHMSIZE,
            ffi::SQLITE_CANTOPEN,
        ];
        assert_eq!(passing.map(|code| sqlite(code).may_pass()), [true; 8]);
        let lasting = [ffi::SQLITE_CORRUPT, ffi::SQLITE_NOTADB, ffi::SQLITE_IOERR_CORRUPTFS, ffi::SQLITE_CONSTRAINT];
        assert_eq!(lasting.map(|code| sqlite(code).may_pass()), [false; 4]);
        assert!(!sqlite(ffi::SQLITE_CANTOPEN).may_pass_at_start(), "it may never have been ours to open");
    }

    #[test]
    fn a_full_disk_is_said_as_one() {
        let text = sqlite(ffi::SQLITE_FULL).to_string();
        assert!(text.contains("the disk under /var/lib/namewarden/namewarden.db is full"), "{text}");
    }
}
