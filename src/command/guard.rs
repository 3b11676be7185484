//! The guard kills the process groups of commands: on request, and all that still run when the server ends.
//!
//! On Unix it is a shell beside the server. It reads what to do from a pipe, and the pipe ends with the server, in
//! whatever way that ends. It is there already, so killing works even when no new process can be started. A guard that
//! was killed itself is replaced.
//!
//! A process group bears the number of the shell that runs the command. It holds what the command has started, but not
//! what has made a group or a session of its own.

pub(super) use system::{check, kill, release, start, watch};

#[cfg(unix)]
mod system {
    use crate::lock::lock;
    use std::collections::BTreeMap;
    use std::io::{self, Write};
    use std::os::unix::process::CommandExt;
    use std::process::{Child, Command, Stdio};
    use std::sync::Mutex;

    /// What the guard runs. It reads lines: `+4711` (this group runs), `-4711` (it has ended), `!4711` (kill it). They
    /// are short, as a shell reads byte by byte.
    const SCRIPT: &str = r#"
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

    struct Guard {
        shell: Option<Child>,
        /// The groups of the commands that are watched, for a guard that has to be started anew.
        groups: BTreeMap<u32, Order>,
    }

    #[derive(Clone, Copy)]
    enum Order {
        Watch,
        Kill,
    }

    static GUARD: Mutex<Guard> = Mutex::new(Guard { shell: None, groups: BTreeMap::new() });

    impl Order {
        fn line(self, group: u32) -> String {
            match self {
                Order::Watch => format!("+{group}\n"),
                Order::Kill => format!("!{group}\n"),
            }
        }
    }

    impl Guard {
        fn order(&mut self, group: u32, order: Order) {
            self.groups.insert(group, order);
            let _ = self.tell(&order.line(group)); // if it fails, `check` tries again
        }

        fn tell(&mut self, line: &str) -> io::Result<()> {
            if let Some(stdin) = self.shell.as_mut().and_then(|shell| shell.stdin.as_mut()) {
                if stdin.write_all(line.as_bytes()).is_ok() {
                    return Ok(());
                }
            }
            self.start() // it is gone; another one is told of all groups
        }

        fn start(&mut self) -> io::Result<()> {
            if let Some(mut gone) = self.shell.take() {
                let _ = gone.wait(); // where SIGCHLD is ignored there is nothing to wait for
            }
            let mut command = Command::new("/bin/sh");
            command.arg("-c").arg(SCRIPT).process_group(0); // a signal to all of the server's group is not for the guard
            let mut shell = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
            let lines: String = self.groups.iter().map(|(group, order)| order.line(*group)).collect();
            let told = shell.stdin.as_mut().map_or(Ok(()), |stdin| stdin.write_all(lines.as_bytes()));
            self.shell = Some(shell);
            told
        }
    }

    /// Starts the guard before any command can use up all processes.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start() -> io::Result<()> {
        lock(&GUARD).start()
    }

    /// Has the guard kill the group if the server ends before [`release`].
    pub fn watch(group: u32) {
        lock(&GUARD).order(group, Order::Watch);
    }

    /// The command has ended: its number may go to another process.
    pub fn release(group: u32) {
        let mut guard = lock(&GUARD);
        if guard.groups.remove(&group).is_some() {
            let _ = guard.tell(&format!("-{group}\n"));
        }
    }

    /// Sends SIGKILL to every process of the group.
    pub fn kill(group: u32) {
        lock(&GUARD).order(group, Order::Kill);
    }

    /// Replaces a guard that was killed.
    pub fn check() {
        let mut guard = lock(&GUARD);
        let is_alive = guard.shell.as_mut().is_some_and(|shell| shell.try_wait().is_ok_and(|status| status.is_none()));
        if !is_alive {
            let _ = guard.start(); // the next check tries again
        }
    }
}

/// Windows has no process groups, and no shell that could read from a pipe. There `taskkill` is started for each
/// command that is to be killed, and commands go on when the server is killed.
#[cfg(windows)]
mod system {
    use crate::lock::lock;
    use std::collections::BTreeSet;
    use std::env;
    use std::io;
    use std::path::PathBuf;
    use std::process::{Command, Stdio};
    use std::sync::Mutex;

    /// Commands that are still to be killed, as `taskkill` could not be started.
    static TO_KILL: Mutex<BTreeSet<u32>> = Mutex::new(BTreeSet::new());

    /// There is nothing to start.
    ///
    /// # Errors
    /// None.
    pub fn start() -> io::Result<()> {
        Ok(())
    }

    /// There is no guard to tell.
    pub fn watch(_group: u32) {}

    /// The command has ended: its number may go to another process.
    pub fn release(group: u32) {
        lock(&TO_KILL).remove(&group);
    }

    /// Kills the command and all its descendants whose parents still run.
    pub fn kill(group: u32) {
        if taskkill(group).is_err() {
            lock(&TO_KILL).insert(group);
        }
    }

    /// Tries again what [`kill`] could not do.
    pub fn check() {
        lock(&TO_KILL).retain(|group| taskkill(*group).is_err());
    }

    fn taskkill(group: u32) -> io::Result<()> {
        let system = env::var_os("SystemRoot").map_or(PathBuf::from(r"C:\Windows"), PathBuf::from);
        let mut taskkill = Command::new(system.join(r"System32\taskkill.exe"));
        taskkill.args(["/T", "/F", "/PID", &group.to_string()]);
        taskkill.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status().map(drop)
    }
}
