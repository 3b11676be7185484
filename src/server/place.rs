//! How many clients are served at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Clients served at once: each costs two threads, a descriptor and, with a command running, two pipes and a process.
pub const MAX_CLIENTS: usize = 256;

/// The places of a server.
#[derive(Clone, Debug, Default)]
pub struct Places {
    taken: Arc<AtomicUsize>,
}

/// A client's place among those that are served, until it is dropped.
pub struct Place(Places);

impl Places {
    /// A place, if one is free.
    pub fn take(&self) -> Option<Place> {
        let place = Place(self.clone());
        let taken_before = self.taken.fetch_add(1, Ordering::Relaxed);
        (taken_before < MAX_CLIENTS).then_some(place)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.taken.fetch_sub(1, Ordering::Relaxed);
    }
}
