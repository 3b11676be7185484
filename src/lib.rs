//! Python socket tutorial programs in blocking, `std`-only Rust.

pub mod cli;
