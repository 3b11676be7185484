//! The supervisor: one thread that looks after the commands that run longer than a few milliseconds.
//!
//! A short command costs neither a thread nor a word to the guard: the thread that serves its client reads one pipe
//! after the other. A longer one needs two things. Both its pipes must be read at once, as a full pipe would stop it.
//! And the guard must know it, as the server may end first.

use super::guard;
use super::process::{Killed, Process};
use std::io;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, OnceLock, Weak};
use std::thread;
use std::time::{Duration, Instant};

/// How long a command runs before the supervisor looks after it: most are over by then.
const DELAY: Duration = Duration::from_millis(2);
/// How often the supervisor looks at them all: often enough to kill one within a second on a busy machine.
const INTERVAL: Duration = Duration::from_millis(250);

/// How the supervisor learns of commands.
static ANNOUNCED: OnceLock<Sender<Weak<Process>>> = OnceLock::new();

/// A command that the supervisor looks after. It is over when `process` does not upgrade any more.
struct Supervised {
    process: Weak<Process>,
    /// Whether a thread reads its stderr.
    has_reader: bool,
}

/// Starts the guard and the supervisor; later calls do nothing. Without them commands run too, but one that prints much
/// on stderr waits for ever.
///
/// # Errors
/// When one of them cannot be started.
pub fn start_supervisor() -> io::Result<()> {
    if ANNOUNCED.get().is_some() {
        return Ok(());
    }
    guard::start()?;
    let (sender, announced) = mpsc::channel();
    thread::Builder::new().spawn(move || supervise(&announced))?;
    let _ = ANNOUNCED.set(sender);
    Ok(())
}

/// Tells the supervisor of a command that has begun.
pub(super) fn announce(process: &Arc<Process>) {
    if let Some(sender) = ANNOUNCED.get() {
        let _ = sender.send(Arc::downgrade(process));
    }
}

fn supervise(announced: &Receiver<Weak<Process>>) {
    let mut commands: Vec<Supervised> = Vec::new();
    let mut next_look = Instant::now();
    loop {
        if commands.is_empty() {
            let Ok(process) = announced.recv() else { return };
            next_look = Instant::now() + INTERVAL;
            take_over(process, &mut commands);
        } else {
            match announced.recv_timeout(next_look.saturating_duration_since(Instant::now())) {
                Ok(process) => take_over(process, &mut commands),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
        guard::check();
        if Instant::now() >= next_look {
            commands.retain_mut(Supervised::look);
            next_look = Instant::now() + INTERVAL;
        }
    }
}

/// Looks after the command, unless it is over before it has run for [`DELAY`].
fn take_over(process: Weak<Process>, commands: &mut Vec<Supervised>) {
    // lets the process go before it sleeps: a process that is held here would never count as over
    let Some(started) = process.upgrade().map(|process| process.started) else { return };
    thread::sleep(DELAY.saturating_sub(started.elapsed()));
    let mut command = Supervised { process, has_reader: false };
    if command.begin() {
        commands.push(command);
    }
}

impl Supervised {
    /// Has the guard watch the command and a thread read its stderr; `false` if the command is over.
    fn begin(&mut self) -> bool {
        let Some(process) = self.process.upgrade() else { return false };
        process.guard();
        self.read_stderr(process);
        true
    }

    /// Kills the command if it can never end; `false` if it is over.
    fn look(&mut self) -> bool {
        let Some(process) = self.process.upgrade() else { return false };
        if is_stopped_at_terminal(process.id) {
            process.kill(Killed::AskedAtTerminal);
        }
        if !self.has_reader {
            self.read_stderr(process); // the command itself may have used up all threads
        }
        true
    }

    fn read_stderr(&mut self, process: Arc<Process>) {
        self.has_reader = thread::Builder::new().spawn(move || process.relay_stderr()).is_ok();
    }
}

/// Whether the system has stopped the command, as it stops what reads the terminal of the server in the background or
/// changes its settings. The last field of `/proc/PID/stat`, `exit_code` in proc(5), is the signal that stopped it.
#[cfg(target_os = "linux")]
fn is_stopped_at_terminal(id: u32) -> bool {
    use std::fs;
    use std::path::Path;
    use std::process;

    /// SIGTTIN, SIGTTOU, and 0 where the system does not tell: the process may be another user's.
    const SIGNALS: [&str; 3] = ["21", "22", "0"];
    // in a PID namespace under the `/proc` of another one, a number there is that of somebody else's process
    if fs::read_link("/proc/self").is_ok_and(|own| own != Path::new(&process::id().to_string())) {
        return false;
    }
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    let behind_name = stat.rsplit(')').next().unwrap_or_default();
    let fields: Vec<_> = behind_name.split_whitespace().collect();
    let [state, _parent, _group, _session, terminal, .., signal] = fields[..] else { return false };
    let has_terminal = terminal != "0";
    state == "T" && has_terminal && SIGNALS.contains(&signal)
}

/// Elsewhere the shell of each command ignores SIGTTIN and SIGTTOU.
#[cfg(not(target_os = "linux"))]
fn is_stopped_at_terminal(_id: u32) -> bool {
    false
}
