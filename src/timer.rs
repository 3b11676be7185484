//! Calls something a little later, unless it is over by then: what only long commands need costs short ones nothing.

use std::io;
use std::mem;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// A call waits at least this long, at most twice: most commands are over by then, and nobody notices the delay.
pub const DELAY: Duration = Duration::from_millis(10);

type Call = Arc<Mutex<Option<Box<dyn FnOnce() + Send>>>>;

static CALLS: Mutex<Vec<Call>> = Mutex::new(Vec::new());
static NOT_EMPTY: Condvar = Condvar::new();
static HAS_THREAD: Mutex<bool> = Mutex::new(false);

/// A call that is still to come, or is being made. Dropping it waits until it is made or cancels it.
pub struct Later(Call);

/// Has `call` called after [`DELAY`], in a thread that all such calls share: it must be short.
///
/// # Errors
/// When that thread cannot be started.
pub fn later(call: impl FnOnce() + Send + 'static) -> io::Result<Later> {
    let mut has_thread = lock(&HAS_THREAD);
    if !*has_thread {
        thread::Builder::new().spawn(make_calls)?;
        *has_thread = true;
    }
    let call: Call = Arc::new(Mutex::new(Some(Box::new(call))));
    lock(&CALLS).push(Arc::clone(&call));
    NOT_EMPTY.notify_one();
    Ok(Later(call))
}

impl Drop for Later {
    fn drop(&mut self) {
        lock(&self.0).take();
    }
}

fn make_calls() {
    loop {
        let mut calls =
            NOT_EMPTY.wait_while(lock(&CALLS), |calls| calls.is_empty()).unwrap_or_else(PoisonError::into_inner);
        let due = mem::take(&mut *calls);
        drop(calls);
        thread::sleep(DELAY);
        for call in due {
            let mut call = lock(&call); // held meanwhile, so that dropping `Later` waits
            if let Some(call) = call.take() {
                call();
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;
    use std::time::Instant;

    #[test]
    fn a_call_comes_after_the_delay_and_a_dropped_one_never() {
        let (sender, receiver) = mpsc::channel();
        let dropped = sender.clone();
        let start = Instant::now();
        let later_1 = later(move || dropped.send("dropped").unwrap()).unwrap();
        let later_2 = later(move || sender.send("called").unwrap()).unwrap();
        drop(later_1);
        assert_eq!(receiver.recv_timeout(Duration::from_secs(20)), Ok("called"));
        assert!(start.elapsed() >= DELAY);
        drop(later_2);
        assert!(receiver.recv_timeout(Duration::from_secs(20)).is_err(), "both senders are gone");
    }
}
