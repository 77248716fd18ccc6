//! What an installer says of itself in its User-Agent: which it is, where that is known, and whether it runs in a build. Whoever asks writes
//! that, so that nothing is decided by it.

use axum::http::HeaderMap;
use axum::http::header::USER_AGENT;
use serde::Deserialize;

use super::setup::SetupTool;

/// Those of pip and uv have some hundred bytes.
const LONGEST: usize = 4096;

/// In words that are known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Agent {
    pub(super) tool: Option<&'static str>,
    /// It says that it runs in a build.
    pub(super) is_ci: bool,
}

/// What pip and uv write behind their name and version, for PyPI's statistics (linehaul).
#[derive(Deserialize)]
struct Said {
    ci: Option<bool>,
}

impl Agent {
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let agent = headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
        Self { tool: SetupTool::of_agent(agent).map(SetupTool::as_str), is_ci: is_ci(agent) }
    }
}

fn is_ci(agent: &str) -> bool {
    let said = agent.split_once(' ').map(|(_, said)| said).filter(|_| agent.len() <= LONGEST);
    said.and_then(|said| serde_json::from_str::<Said>(said).ok()?.ci).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(agent: &str) -> (Option<&'static str>, bool) {
        let Agent { tool, is_ci } = Agent::of(&HeaderMap::from_iter([(USER_AGENT, agent.parse().expect("a value"))]));
        (tool, is_ci)
    }

    #[test]
    fn pip_and_uv_say_whether_they_run_in_a_build_and_what_others_write_says_nothing() {
        let pip = r#"pip/26.0 {"ci":true,"cpu":"x86_64","implementation":{"name":"CPython","version":"3.13.5"},"python":"3.13.5"}"#;
        assert_eq!(of(pip), (Some("pip"), true));
        assert_eq!(of(&pip.replace("true", "null")), (Some("pip"), false));
        let uv = r#"uv/0.9.1 {"installer":{"name":"uv","version":"0.9.1","subcommand":["sync"]},"python":"3.13.5","ci":true}"#;
        assert_eq!(of(uv), (Some("uv"), true));
        assert_eq!(of("poetry/2.2.1 CPython/3.13.5 Linux/6.1"), (Some("poetry"), false));
        let deep = format!("pip/26.0 {{\"ci\":true,\"x\":{}1{}}}", "[".repeat(1000), "]".repeat(1000));
        assert_eq!(of(&deep), (Some("pip"), true), "no depth costs a stack");
        let long = format!("pip/26.0 {{\"ci\":true,\"x\":\"{}\"}}", "x".repeat(LONGEST));
        for odd in [r#"pip/26.0 {"ci":"true"}"#, r#"pip/26.0 {"ci":true"#, "pip/26.0 true", &long] {
            assert_eq!(of(odd), (Some("pip"), false), "{odd}");
        }
        assert_eq!((of(""), of("curl/8.5.0")), ((None, false), (None, false)));
    }
}
