//! The console of a client: Python's `input` and `print`.

use super::message::{Context, end_unless_written, warn};
use super::text::complete_text;
use std::fmt::Display;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

/// What somebody who types commands should know, for [`Console::welcome`].
pub const SHELL_OF_ITS_OWN: &str = if cfg!(windows) {
    "a shell per command: cd and set do not last; Ctrl-Z ends"
} else {
    "a shell per command: cd and export do not last; Ctrl-D ends"
};

/// Lines in, text out. Its messages begin with the program's name.
///
/// When nobody reads stdout any more, the process ends quietly. When stdout cannot be written, it ends with an error.
#[derive(Debug)]
pub struct Console {
    name: &'static str,
    input: Input,
    /// Whether somebody at a terminal is prompted.
    prompts: bool,
    /// Whether the cursor of a terminal may stand behind the beginning of a line.
    line_is_open: bool,
    has_failed: bool,
    /// The exit status after a failure.
    failure: u8,
    /// The beginning of a character whose end has not come yet, for stdout and stderr (see [`write_to`]).
    split_in_stdout: Vec<u8>,
    split_in_stderr: Vec<u8>,
}

/// Where a client's commands come from.
#[derive(Debug)]
enum Input {
    /// The lines of stdin.
    Lines,
    /// `-c COMMAND`, until it was taken.
    Command(Option<String>),
}

impl Console {
    /// A console that reads `command` alone if there is one (`-c`), or the lines of stdin. `failure` is the exit status
    /// after an [error](Console::error).
    pub fn new(name: &'static str, command: Option<String>, failure: u8) -> Console {
        let prompts = command.is_none() && io::stdin().is_terminal();
        let input = if command.is_some() { Input::Command(command) } else { Input::Lines };
        Console {
            name,
            input,
            prompts,
            line_is_open: false,
            has_failed: false,
            failure,
            split_in_stdout: Vec::new(),
            split_in_stderr: Vec::new(),
        }
    }

    /// Says at a terminal, and only there, what somebody who types commands should know.
    pub fn welcome(&mut self, what: impl Display) {
        if self.prompts {
            self.note(what);
        }
    }

    /// Python's `input(prompt).strip()` and its `if not msg: continue`: the next line that is not blank, or `None` at
    /// the end of input.
    ///
    /// The prompt is shown only when stdin is a terminal. A line that is not UTF-8 is an [error](Console::error).
    ///
    /// # Errors
    /// When stdin cannot be read.
    pub fn input(&mut self, prompt: &str) -> io::Result<Option<String>> {
        if let Input::Command(command) = &mut self.input {
            return Ok(command.take());
        }
        loop {
            self.prompt(prompt);
            let mut line = String::new();
            let result = io::stdin().read_line(&mut line);
            if self.prompts {
                // Return ends the line on a terminal, Ctrl-D leaves the cursor behind the prompt
                self.line_is_open = matches!(result, Ok(0)) && io::stdout().is_terminal();
            }
            match result {
                Ok(0) => break,
                Ok(_) if line.trim().is_empty() => {}
                Ok(_) => return Ok(Some(line.trim().to_owned())),
                Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                    self.error("skipped a line that is not UTF-8");
                }
                Err(error) => return Err(error).context("cannot read stdin"),
            }
        }
        if self.prompts {
            self.end_line();
        }
        Ok(None)
    }

    fn prompt(&mut self, prompt: &str) {
        if self.prompts {
            self.end_line();
            self.print(prompt.as_bytes());
        }
        self.flush();
    }

    /// Writes `text` to stdout byte for byte; [`Console::flush`] makes sure that it is seen.
    pub fn print(&mut self, text: &[u8]) {
        let result = write_to(io::stdout(), text, &mut self.split_in_stdout);
        end_unless_written(self.name, result, self.failure);
        self.remember_column(text, io::stdout().is_terminal());
    }

    /// Writes `text` to stderr byte for byte, at once. A client goes on when nobody reads that.
    pub fn print_stderr(&mut self, text: &[u8]) {
        self.flush();
        let _ = write_to(io::stderr(), text, &mut self.split_in_stderr);
        self.remember_column(text, io::stderr().is_terminal());
    }

    /// Shows what [`Console::print`] has written. Waiting for input and the end of the program do this too.
    pub fn flush(&mut self) {
        end_unless_written(self.name, io::stdout().flush(), self.failure);
    }

    /// Says something on stderr, after what was printed before.
    pub fn note(&mut self, what: impl Display) {
        if io::stderr().is_terminal() {
            self.end_line();
        }
        self.flush();
        warn(self.name, what);
    }

    /// Says on stderr what went wrong with one line of input. The client goes on, but its exit status will not be 0.
    pub fn error(&mut self, what: impl Display) {
        self.note(what);
        self.has_failed = true;
    }

    /// The exit status: 0, or that of a failure after an [error](Console::error).
    pub fn status(&mut self) -> ExitCode {
        self.flush();
        ExitCode::from(if self.has_failed { self.failure } else { 0 })
    }

    /// Puts the cursor of a terminal at the start of a line.
    fn end_line(&mut self) {
        if !self.line_is_open {
            return;
        }
        if io::stdout().is_terminal() {
            self.print(b"\n");
        } else {
            self.print_stderr(b"\n");
        }
    }

    /// Keeps in mind where `text` leaves the cursor of a terminal.
    fn remember_column(&mut self, text: &[u8], is_terminal: bool) {
        if let Some(last) = text.last().filter(|_| is_terminal) {
            self.line_is_open = *last != b'\n';
        }
    }
}

/// Writes bytes as they are, but to the console of Windows as text, which is all that `std` writes there. `split` keeps
/// the beginning of a character until its end has come.
fn write_to(mut stream: impl Write + IsTerminal, bytes: &[u8], split: &mut Vec<u8>) -> io::Result<()> {
    if cfg!(windows) && stream.is_terminal() {
        return stream.write_all(complete_text(bytes, split).as_bytes());
    }
    stream.write_all(bytes)
}
