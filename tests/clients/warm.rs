//! Python programs that are run in processes forked from one that has most of their imports: `installers/warm.py`.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::OnceLock;

use serde::Deserialize;
use serde_json::json;

use crate::python_program;

/// One program, ready to be run.
pub(crate) struct Forge {
    program: &'static str,
    server: OnceLock<Server>,
}

/// It ends with its standard input, which is open for as long as this process lives.
struct Server {
    port: u16,
    _process: Child,
}

/// What became of a run.
#[derive(Deserialize)]
struct Ran {
    status: i32,
    stdout: String,
    stderr: String,
}

impl Forge {
    pub(crate) const fn new(program: &'static str) -> Self {
        Self { program, server: OnceLock::new() }
    }

    /// What comes of this command, which is one of the program with all of its environment and a directory of its own.
    pub(crate) fn output(&self, command: &Command) -> Output {
        let text = |text: &std::ffi::OsStr| text.to_str().expect("text").to_owned();
        let environment = command.get_envs().filter_map(|(key, value)| Some((text(key), text(value?))));
        let order = json!({
            "arguments": command.get_args().map(text).collect::<Vec<_>>(),
            "dir": command.get_current_dir().expect("a directory"),
            "environment": environment.collect::<BTreeMap<_, _>>(),
        });
        let port = self.server.get_or_init(|| Server::of(self.program)).port;
        let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("it listens");
        writeln!(stream, "{order}").expect("it reads");
        let mut said = String::new();
        stream.read_to_string(&mut said).expect("it answers");
        let ran: Ran = serde_json::from_str(&said).unwrap_or_else(|error| panic!("{}: {error}: {said}", self.program));
        // As wait(2) has it: the signal by which it ended, or its code.
        let status = ExitStatus::from_raw(if ran.status < 0 { -ran.status } else { ran.status << 8 });
        Output { status, stdout: ran.stdout.into_bytes(), stderr: ran.stderr.into_bytes() }
    }
}

impl Server {
    fn of(program: &str) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients/installers/warm.py");
        let python = python_program("python");
        let mut command = Command::new(&python);
        command.arg(script).arg(program).env_clear().env("PATH", python.parent().expect("a directory"));
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it starts");
        let mut line = String::new();
        let said = process.stdout.take().expect("asked for");
        BufReader::new(said).read_line(&mut line).expect("its port");
        Self { port: line.trim().parse().expect("a port"), _process: process }
    }
}
