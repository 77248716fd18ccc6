//! What servers do to whoever asks them: too much, too little, elsewhere, and at other times.

mod bodies;
mod moved;
mod times;
