//! Links by which an owner answers a case without an account: what they grant, to whom, and until when. Nothing of one is
//! stored: it is signed, and what revokes it is what it is bound to (the case and its edition, the addressee, the key).

mod addressee;
mod answer;
mod grant;
mod key;
mod made;
mod spent;

pub use addressee::Addressee;
pub use answer::{AnsweredCase, LinkAnswer, LinkedCase, answer_by_link, look_by_link};
pub use grant::{Grant, LinkAct, opened, sealed};
pub use key::LinkKey;
pub use made::{ANSWER_PATH, Links};
pub use spent::Spent;
