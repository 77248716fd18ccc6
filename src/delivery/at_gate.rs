//! What the gate of this machine says of the projects that a message is about: asked as the message leaves, of those that it shows at length.
//! A fact of the gate is none of the case: it is another by the next message, and what is stored of a case has to be true without a gate.

use std::sync::Arc;

use futures_util::future::BoxFuture;

use crate::model::at_gate::GateWord;
use crate::model::notice::{Briefing, Case, Content};
use crate::model::{ProjectName, Registry};
use crate::store::StoreError;

/// Asks the gate of this machine, and gives up at once; a word for each, in their order, or none where there is no gate.
pub type AskProjects =
    Arc<dyn Fn(Vec<ProjectName>) -> BoxFuture<'static, Result<Vec<GateWord>, StoreError>> + Send + Sync>;

/// Cases that a message shows at length.
const MOST: usize = 5;

/// Notes with the cases of a message what the gate says of them.
pub(super) async fn note(ask: &AskProjects, briefing: &mut Briefing) -> Result<(), StoreError> {
    let Content::Cases { cases, .. } = &mut briefing.content else { return Ok(()) };
    let of_pypi = |case: &&mut Case| case.finding.project().registry() == Registry::Pypi;
    let shown: Vec<&mut Case> = cases.iter_mut().filter(of_pypi).take(MOST).collect();
    if shown.is_empty() {
        return Ok(());
    }
    let words = ask(shown.iter().map(|case| case.finding.project().clone()).collect()).await?;
    for (case, word) in shown.into_iter().zip(words) {
        case.gate = Some(word);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::messages::samples::{briefing, case};
    use crate::model::notice::NoticeEvent;
    use crate::model::{Rule, Tier};

    /// Says that it is silent, and keeps what it was asked.
    fn silent() -> (AskProjects, Arc<Mutex<Vec<String>>>) {
        let asked = Arc::<Mutex<Vec<String>>>::default();
        let heard = Arc::clone(&asked);
        let ask: AskProjects = Arc::new(move |projects: Vec<ProjectName>| {
            let words = vec![GateWord::Silent; projects.len()];
            heard.lock().expect("whole").extend(projects.iter().map(ToString::to_string));
            Box::pin(async move { Ok(words) })
        });
        (ask, asked)
    }

    #[tokio::test]
    async fn the_gate_is_asked_of_what_a_message_shows_at_length_and_of_nothing_else() {
        let names = ["acme-a", "acme-b", "acme-c", "acme-d", "acme-e", "acme-f"];
        let cases = names.map(|name| case(name, "acme", Rule::Exact)).to_vec();
        let mut of = briefing(NoticeEvent::Summary, Tier::Alert, Content::Cases { cases, omitted: 0, change: None });
        let (ask, asked) = silent();
        note(&ask, &mut of).await.expect("asked");
        assert_eq!(*asked.lock().expect("whole"), names[..MOST]);
        let Content::Cases { cases, .. } = &of.content else { panic!("{of:?}") };
        let said: Vec<bool> = cases.iter().map(|case| case.gate == Some(GateWord::Silent)).collect();
        assert_eq!(said, [true, true, true, true, true, false]);
        let (ask, asked) = silent();
        let mut proof = briefing(NoticeEvent::Test, Tier::Digest, Content::Proof { overview: None });
        note(&ask, &mut proof).await.expect("nothing to ask");
        assert!(asked.lock().expect("whole").is_empty());
    }

    #[tokio::test]
    async fn where_there_is_no_gate_nothing_is_said() {
        let cases = vec![case("acme-a", "acme", Rule::Exact)];
        let mut of = briefing(NoticeEvent::Registered, Tier::Page, Content::Cases { cases, omitted: 0, change: None });
        let before = of.clone();
        let none: AskProjects = Arc::new(|_| Box::pin(async { Ok(Vec::new()) }));
        note(&none, &mut of).await.expect("asked");
        assert_eq!(of, before);
    }
}
