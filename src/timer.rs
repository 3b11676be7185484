//! Calls something a little later, unless it is over by then: what only long commands need costs short ones nothing.

use std::io;
use std::mem;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// A call waits at least this long, at most twice: most commands are over by then, and nobody notices the delay.
pub const DELAY: Duration = Duration::from_millis(10);

type Call = Arc<Mutex<Option<Box<dyn FnMut() -> bool + Send>>>>;

static CALLS: Mutex<Vec<Call>> = Mutex::new(Vec::new());
static NOT_EMPTY: Condvar = Condvar::new();
static HAS_THREAD: Mutex<bool> = Mutex::new(false);

/// A call that is still to come, or is being made. Dropping it waits until it is made or cancels it.
pub struct Later(Call);

/// Starts the thread that makes the calls, unless it runs already. Without it none is made.
///
/// # Errors
/// When it cannot be started.
pub fn start() -> io::Result<()> {
    let mut has_thread = lock(&HAS_THREAD);
    if !*has_thread {
        thread::Builder::new().spawn(make_calls)?;
        *has_thread = true;
    }
    Ok(())
}

/// Has `call` called after [`DELAY`], and again until it returns `true`. It must be short: all calls share a thread.
pub fn later(call: impl FnMut() -> bool + Send + 'static) -> Later {
    let call: Call = Arc::new(Mutex::new(Some(Box::new(call))));
    lock(&CALLS).push(Arc::clone(&call));
    NOT_EMPTY.notify_one();
    Later(call)
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
            let mut held = lock(&call); // meanwhile, so that dropping `Later` waits
            if held.as_mut().is_some_and(|call| call()) {
                held.take();
            } else if held.is_some() {
                lock(&CALLS).push(Arc::clone(&call));
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
        super::start().unwrap();
        let later_1 = later(move || dropped.send("dropped").is_ok());
        let later_2 = later(move || sender.send("called").is_ok());
        drop(later_1);
        assert_eq!(receiver.recv_timeout(Duration::from_secs(20)), Ok("called"));
        assert!(start.elapsed() >= DELAY);
        drop(later_2);
        assert!(receiver.recv_timeout(Duration::from_secs(20)).is_err(), "both senders are gone");
    }

    #[test]
    fn a_call_that_did_not_succeed_is_made_again() {
        super::start().unwrap();
        let (sender, receiver) = mpsc::channel();
        let mut calls = 0;
        let _later = later(move || {
            calls += 1;
            sender.send(calls).unwrap();
            calls == 3
        });
        let calls: Vec<_> = std::iter::from_fn(|| receiver.recv_timeout(Duration::from_secs(20)).ok()).collect();
        assert_eq!(calls, [1, 2, 3]);
    }
}
