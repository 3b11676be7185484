//! The guard: one shell beside the server that kills the process groups of commands, on request, and those that still
//! run when the server ends, in whatever way. As it is there already, a kill never takes a process that may not be had.

use std::io;
use std::process::{Command, Stdio};

/// The process group of a command: its shell and what that started, but for what has made itself a daemon.
#[derive(Clone, Copy, Debug)]
pub struct Group(pub u32);

/// What the guard runs. It gets lines such as `+4711` (runs), `-4711` (has ended) and `!4711` (kill it), short as a
/// shell reads byte by byte, and its input ends with the server.
#[cfg(unix)]
const GUARD: &str = r#"
trap '' HUP INT QUIT TERM
groups=' '
while read -r line; do
    group=${line#?}
    case $line in
        +*) groups="$groups$group " ;;
        -*) case $groups in *" $group "*) groups="${groups%% $group *} ${groups#* $group }" ;; esac ;;
        !*) kill -s KILL -- "-$group" ;;
    esac
done
for group in $groups; do kill -s KILL -- "-$group"; done"#;

#[cfg(unix)]
impl Group {
    /// Has the guard kill every process of the group if the server ends before [`Group::release`].
    ///
    /// # Errors
    /// When there is no guard and none can be started.
    pub fn watch_over(self) -> io::Result<()> {
        tell(&format!("+{}\n", self.0))
    }

    /// The command has ended.
    pub fn release(self) {
        let _ = tell(&format!("-{}\n", self.0));
    }

    /// Kills every process of the group (`SIGKILL`): always `true`.
    ///
    /// # Errors
    /// When there is no guard and none can be started.
    pub fn kill(self) -> io::Result<bool> {
        tell(&format!("!{}\n", self.0)).map(|()| true)
    }
}

/// Starts the guard, unless it runs: when the server starts, while there is a process to be had.
///
/// # Errors
/// When it cannot be started.
#[cfg(unix)]
pub fn start() -> io::Result<()> {
    tell("")
}

#[cfg(unix)]
fn tell(line: &str) -> io::Result<()> {
    use std::io::Write;
    use std::os::unix::process::CommandExt;
    use std::process::ChildStdin;
    use std::sync::{Mutex, PoisonError};

    static INPUT: Mutex<Option<ChildStdin>> = Mutex::new(None);

    let mut input = INPUT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(input) = &mut *input {
        if input.write_all(line.as_bytes()).is_ok() {
            return Ok(());
        }
    }
    let mut shell = Command::new("/bin/sh");
    shell.arg("-c").arg(GUARD).process_group(0); // Ctrl-C at the server's terminal is not for the guard
    let guard = shell.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    *input = guard.stdin;
    input.as_mut().map_or(Ok(()), |input| input.write_all(line.as_bytes()))
}

/// Windows has no process groups and no shell that could read from a pipe: a command is killed by a program started for
/// that, and goes on when the server is killed.
#[cfg(windows)]
impl Group {
    /// Does nothing.
    ///
    /// # Errors
    /// None.
    pub fn watch_over(self) -> io::Result<()> {
        Ok(())
    }

    /// Does nothing.
    pub fn release(self) {}

    /// Kills the command and all its descendants whose parents still run. `false` when `taskkill` says that it could
    /// not: after `start /b` the shell has ended, and nothing leads to what it started.
    ///
    /// # Errors
    /// When `taskkill` cannot be started.
    pub fn kill(self) -> io::Result<bool> {
        let mut taskkill = Command::new("taskkill");
        taskkill.args(["/T", "/F", "/PID", &self.0.to_string()]).stdin(Stdio::null());
        taskkill.stdout(Stdio::null()).stderr(Stdio::null()).status().map(|status| status.success())
    }
}

/// There is nothing to start.
///
/// # Errors
/// None.
#[cfg(windows)]
pub fn start() -> io::Result<()> {
    Ok(())
}
