//! By what one page is told from another.

/// The SHA-256 of what came, or, of a page as it is read, of that and of what of it contradicts what came before.
pub(in crate::gate) type Print = [u8; 32];
