//! The `namewarden` program: parse, dispatch, exit status.

use std::process::ExitCode;

fn main() -> ExitCode {
    namewarden::cli::main()
}
