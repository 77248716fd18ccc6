//! What no single file of an inventory can promise: nothing is lost on the way from a file to what is in force.

mod drawn;
mod held;
mod kept;
mod refused;
mod whole;
