//! The `namewarden` program: parse, dispatch, exit status.

fn main() {}
