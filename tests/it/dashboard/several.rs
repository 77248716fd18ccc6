//! Several cases at once: all that are there are decided on, and what is not there is said.

use namewarden::model::FindingState;
use reqwest::Response;

use super::stage::Stage;
use super::{html, page};
use crate::world::Browser;

impl Stage {
    async fn state(&self, project: &str) -> FindingState {
        self.world.findings_of(project).await.pop().expect("a case").state
    }
}

/// What the page says that somebody is led to.
async fn told(browser: &Browser, done: &Response) -> String {
    assert_eq!(done.status(), 303);
    let cookie = done.headers()["set-cookie"].to_str().expect("text").split(';').next().expect("a pair").to_owned();
    let to = done.headers()["location"].to_str().expect("text");
    html(browser.get_with(to, &cookie).await, to).await
}

/// They are acknowledged at once.
pub(super) async fn are_acknowledged(stage: &Stage, responder: &Browser) {
    let (names, left) = (["acme-biling", "corp-valut", "acmecorp-sdk"], "corp-serach");
    let ids = names.map(|name| stage.id(name));
    let list = page(responder, "/findings?state=open").await;
    for id in &ids {
        assert!(list.contains(&format!("name=\"case\" value=\"{id}\"")), "{id} can be chosen: {list}");
    }
    let chosen: String = ids.iter().map(|id| format!("case={id}&")).collect();
    let form = format!("{chosen}case=nw-9999&case=&decision=acknowledge&note=one+hand&back=/findings?state=all");
    let done = responder.post("/findings/judge", &form).await;
    assert_eq!(done.headers()["location"], "/findings?state=all");
    let said = told(responder, &done).await;
    for id in &ids {
        assert!(said.contains(&format!("{id} is now acknowledged.")), "{said}");
    }
    assert!(said.contains("There is no case nw-9999.") && said.contains("class=\"told bad\""), "not all of it: {said}");
    for name in names {
        let of = stage.world.findings_of(name).await.pop().expect("a case");
        assert_eq!((of.state, of.note.as_deref()), (FindingState::Acknowledged, Some("one hand")), "{name}");
    }
    assert_eq!(stage.state(left).await, FindingState::Open, "which nobody chose");

    let again = told(responder, &responder.post("/findings/judge", &form).await).await;
    assert!(ids.iter().all(|id| again.contains(&format!("{id} is acknowledged already."))), "{again}");
    let nothing = responder.post("/findings/judge", "decision=acknowledge&back=/findings").await;
    assert!(told(responder, &nothing).await.contains("Nothing was chosen"));
    assert_eq!(stage.state(left).await, FindingState::Open);
}
