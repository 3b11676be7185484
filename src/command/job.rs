//! What runs for one client.

use super::process::{Killed, Process};
use crate::lock::lock;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// The commands of one client, one after the other. When the client has left, another thread kills the one that runs.
#[derive(Default)]
pub struct Job(Mutex<State>);

#[derive(Default)]
struct State {
    running: Option<Arc<Process>>,
    client_has_left: bool,
}

impl Job {
    /// How long the command has run that runs now; no time if none does.
    pub fn runs_for(&self) -> Duration {
        lock(&self.0).running.as_ref().map_or(Duration::ZERO, |process| process.started.elapsed())
    }

    /// Kills the command that runs. None runs from now on.
    pub fn client_left(&self) {
        let mut state = lock(&self.0);
        state.client_has_left = true;
        if let Some(process) = &state.running {
            process.kill(Killed::ClientLeft);
        }
    }

    pub(super) fn client_has_left(&self) -> bool {
        lock(&self.0).client_has_left
    }

    pub(super) fn begin(&self, process: &Arc<Process>) {
        let mut state = lock(&self.0);
        state.running = Some(Arc::clone(process));
        if state.client_has_left {
            process.kill(Killed::ClientLeft);
        }
    }

    pub(super) fn end(&self) {
        lock(&self.0).running = None;
    }
}
