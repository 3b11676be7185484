//! Signals that whoever started a server ignores are ignored in its commands too, and `std` cannot change that.

/// Starts the server anew without what its commands need: where SIGCHLD is ignored the system keeps no status of any
/// command, and where SIGTTIN and SIGTTOU are, as in what tmux starts, one that asks at the terminal (`sudo`) may try
/// for ever instead of being stopped. env(1) of GNU can reset them; where there is none the server runs as it is.
#[cfg(target_os = "linux")]
pub fn restore() {
    use std::env;
    use std::fs;
    use std::io::Read;
    use std::os::unix::process::CommandExt;
    use std::process::{Command, Stdio};

    const RESET: &str = "--default-signal=CHLD,TTIN,TTOU";
    if !ignores(&fs::read_to_string("/proc/self/status").unwrap_or_default()) {
        return;
    }
    let mut probe = Command::new("env");
    probe.args([RESET, "cat", "/proc/self/status"]).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let Ok(mut child) = probe.spawn() else { return };
    let mut status = String::new();
    let has_read = child.stdout.take().is_some_and(|mut stdout| stdout.read_to_string(&mut status).is_ok());
    let _ = child.wait();
    if has_read && status.contains("SigIgn") && !ignores(&status) {
        let program = env::current_exe().unwrap_or_default();
        let is_usable = program.is_file() && !program.to_string_lossy().contains('='); // that would be a variable for env
        if is_usable {
            let _ = Command::new("env").arg(RESET).arg(program).args(env::args_os().skip(1)).exec(); // does not return
        }
    }
}

/// Whether one of the three is ignored by the process with this `/proc/PID/status` (proc(5)): bit 0 is signal 1.
#[cfg(target_os = "linux")]
fn ignores(status: &str) -> bool {
    const SIGCHLD_SIGTTIN_SIGTTOU: u64 = 1 << 16 | 1 << 20 | 1 << 21;
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
    mask & SIGCHLD_SIGTTIN_SIGTTOU != 0
}

/// Elsewhere the server runs as it was started.
#[cfg(not(target_os = "linux"))]
pub fn restore() {}
