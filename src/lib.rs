//! Python socket tutorial programs in blocking, `std`-only Rust.

pub mod cli;
pub mod command;
pub mod connection;
pub mod handshake;
pub mod header;
pub mod peer;
pub mod server;
