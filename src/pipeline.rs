//! One poll, one transaction: the only code that creates findings and notices.
