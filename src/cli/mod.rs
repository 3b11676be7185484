//! The edges of a program: its arguments, a client's console, messages and errors, text that is fit for a terminal.
//!
//! Writing never panics, unlike `println!`, which does when its reader is gone.

mod address;
mod args;
mod console;
mod message;
mod receive;
mod text;

pub use address::resolve;
pub use args::{Args, MAX_ACK, words};
pub use console::{Console, SHELL_OF_ITS_OWN};
pub use message::{Context, failure, log, warn, wrong_usage};
pub use receive::{is_timeout, uninterrupted};
pub use text::{WIDTH, entry, printable, width, wrap};
