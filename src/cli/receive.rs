//! What a receive with a time limit needs beside the call itself.

use std::io;

/// Whether a receive ended because its time was up: Unix and Windows name that differently.
pub fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut)
}

/// Repeats `receive` while it is interrupted, as Python's socket methods do. On Linux a receive with a time limit fails
/// so when the program was stopped and continued (signal(7)), as Ctrl-Z and `fg` do. The limit then begins anew.
///
/// # Errors
/// Those of `receive` but `Interrupted`.
pub fn uninterrupted<T>(mut receive: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    loop {
        match receive() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}
