//! After the alert: PyPI removes the stranger's project, and the name is claimed before the reader's eyes. The uploader is a
//! process of its own, as everywhere.

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use tokio::process::{Child, Command};

use super::super::failure::Failure;
use super::files::write;
use super::screen::Screen;
use crate::daemon::{self, Engine};
use crate::model::{Exposure, ProjectName, WatchId};
use crate::socket::peer;
use crate::store::{ClaimLine, StoreError};

/// The name that the demo is about.
pub(super) const TARGET: &str = "torchtriton";
const CONFIGURATION: &str = include_str!("claim.toml");
/// That of `compilers-bot`, as the scenario has it.
const TOKEN: &str = "pypi-AgEIcHlwaS5vcmcCBGRlbW8";
/// Between two looks at how far it is.
const TICK: Duration = Duration::from_millis(200);

/// Switches claims on, as an operator would, and shows each step until the name is ours.
pub(super) async fn claim(
    engine: &Engine,
    (dir, base, program): (&Path, &str, &Path),
    screen: &Screen,
    began: Instant,
) -> Result<(), Failure> {
    screen.say(&format!(
        "\nPyPI removes such a project, and then anybody can take {TARGET} again. So hold it yourself:\n\n{}",
        CONFIGURATION.split("\n[claim.upload]").next().unwrap_or_default()
    ));
    switch_on(engine, dir, base).await?;
    let _uploader = uploader(program, dir)?;
    let (mut shown, mut stood) = (0, None);
    while stood != Some(Exposure::Ours) {
        tokio::time::sleep(TICK).await;
        let (trail, stands) = standing(engine).await.map_err(|e| Failure::failed(&e))?;
        for line in trail.iter().skip(shown) {
            screen.say(&format!("{:>5.1} s  claim of {TARGET}: {}", began.elapsed().as_secs_f32(), said(line)));
        }
        shown = trail.len();
        if stands != stood {
            let now = stands.as_ref().map_or("unknown", Exposure::as_str);
            screen.say(&format!("{:>5.1} s  {TARGET} on PyPI: {now}", began.elapsed().as_secs_f32()));
            stood = stands;
        }
    }
    Ok(())
}

async fn switch_on(engine: &Engine, dir: &Path, base: &str) -> Result<(), Failure> {
    let uid = peer::own_uid().map(|uid| uid.to_string()).unwrap_or_default();
    let text = CONFIGURATION.replace("BASE", base).replace("UPLOADER", &uid).replace("UPLOAD_TOKEN", "pypi-token");
    std::fs::create_dir(dir.join("namewarden.d"))
        .and_then(|()| write(dir, "pypi-token", TOKEN))
        .and_then(|()| write(dir, "namewarden.d/10-claim.toml", &text))
        .map_err(|e| Failure::failed(&e))?;
    daemon::reload_all(engine).await.map(drop).map_err(|e| Failure::failed(&e))
}

/// Ends with the demo.
fn uploader(program: &Path, dir: &Path) -> Result<Child, Failure> {
    let mut command = Command::new(program);
    command.args(["--quiet", "claim", "upload", "--config"]).arg(dir.join("namewarden.toml"));
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    command.spawn().map_err(|e| Failure::failed(&e))
}

/// The steps of the claim so far, and how the name stands.
async fn standing(engine: &Engine) -> Result<(Vec<ClaimLine>, Option<Exposure>), StoreError> {
    engine
        .store
        .read(|tx| {
            let Ok(name) = ProjectName::parse(TARGET) else { return Ok((Vec::new(), None)) };
            let claim = tx.claims().last_of(&name)?;
            let trail = claim.map_or(Ok(Vec::new()), |claim| tx.claims().trail(&claim.key))?;
            Ok((trail, tx.watches().exposure(&WatchId::name(&name))?))
        })
        .await
}

fn said(line: &ClaimLine) -> String {
    let what = match line.event.as_str() {
        "plan" => "planned",
        "announced" => "its owner is told, and may stop it",
        "approve" => "nobody stopped it: approved",
        "rehearsed" => "the package is built and checked",
        "begin" => "it is sent to PyPI",
        "accepted" => "PyPI has taken a file",
        "looked" => "PyPI was looked at",
        other => other,
    };
    format!("{what} ({})", line.by)
}
