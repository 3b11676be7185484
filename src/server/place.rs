//! How many clients are served at once, and how many may wait to be admitted.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Clients served at once: each costs two threads and a descriptor, and while its command runs two pipes, a process and
/// perhaps a third thread.
pub const MAX_CLIENTS: usize = 256;

/// Descriptors that no waiting client may have: a socket and two pipes for each client that is served, what it takes to
/// start one command more, and the server's own.
const RESERVED: usize = 3 * MAX_CLIENTS + 32;
/// The usual limit on descriptors, for systems that do not tell.
const USUAL_LIMIT: usize = 1024;
/// Clients that may wait, however few descriptors there are: then that many share one look-up, and a crowd cannot
/// fill the system's own queue.
const LEAST_WAITING: usize = 32;
/// Clients that may wait, however many descriptors there are.
const MOST_WAITING: usize = 4096;

/// How many clients may wait for a look-up, each with a descriptor. As many more may wait while they are looked up, so
/// it is half of the spare descriptors. Further clients wait in the system's own queue, which is short.
pub fn max_waiting() -> usize {
    let limits = fs::read_to_string("/proc/self/limits").unwrap_or_default(); // proc(5)
    let soft_limit = limits.lines().find_map(|line| {
        let soft_limit = line.strip_prefix("Max open files")?.split_whitespace().next()?;
        soft_limit.parse().ok()
    });
    let spare = soft_limit.unwrap_or(USUAL_LIMIT).saturating_sub(RESERVED);
    (spare / 2).clamp(LEAST_WAITING, MOST_WAITING)
}

/// The places of a server.
#[derive(Clone, Debug, Default)]
pub struct Places {
    taken: Arc<AtomicUsize>,
}

/// The place of a client that is served. To drop this value frees it.
pub struct Place(Places);

impl Places {
    /// A place, if one is free.
    pub fn take(&self) -> Option<Place> {
        let place = Place(self.clone());
        let taken_before = self.taken.fetch_add(1, Ordering::Relaxed);
        (taken_before < MAX_CLIENTS).then_some(place) // one too many is dropped here, which counts it out again
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.taken.fetch_sub(1, Ordering::Relaxed);
    }
}
