//! How the gate ends: nobody new is let in, and what is being answered goes out whole.

use tokio::sync::watch;

/// Whoever ends it.
#[derive(Debug, Default)]
pub struct Closer(watch::Sender<bool>);

/// What listens has one, and every connection, for as long as it is there.
#[derive(Clone, Debug)]
pub struct Closing(watch::Receiver<bool>);

impl Closer {
    /// What is to end with it.
    pub fn closing(&self) -> Closing {
        Closing(self.0.subscribe())
    }

    /// Says so; returns once nobody has one any more.
    pub async fn close(&self) {
        self.0.send_replace(true);
        self.0.closed().await;
    }
}

impl Closing {
    /// Returns once it is said, and never where whoever could say it is gone.
    pub(super) async fn said(&mut self) {
        if self.0.wait_for(|is_said| *is_said).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
