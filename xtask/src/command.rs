//! One call of `cargo`, said aloud before it is made.

use std::fmt;
use std::path::PathBuf;
use std::process::{Command, ExitCode, ExitStatus};

/// A call of `cargo`: a value, so that tests can look at it without running it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invocation {
    /// The words behind `cargo`.
    pub arguments: Vec<String>,
    /// Variables set for it beside those it inherits.
    pub variables: Vec<(&'static str, &'static str)>,
    /// The folder it runs in; `None` is the folder the user stands in.
    pub folder: Option<PathBuf>,
}

impl Invocation {
    /// `cargo ARGUMENTS` in a folder.
    pub fn new<S: Into<String>>(
        arguments: impl IntoIterator<Item = S>,
        folder: Option<PathBuf>,
    ) -> Invocation {
        let arguments = arguments.into_iter().map(Into::into).collect();
        Invocation { arguments, variables: Vec::new(), folder }
    }

    /// The same call with a variable set.
    pub fn with(mut self, name: &'static str, value: &'static str) -> Invocation {
        self.variables.push((name, value));
        self
    }

    /// Waits for it and hands its exit code on.
    pub fn run(&self) -> ExitCode {
        eprintln!("$ {self}");
        match self.command().status() {
            Ok(status) => ExitCode::from(code(status)),
            Err(error) => self.unstarted(&error),
        }
    }

    /// Puts it in this process's place where the system can (Unix), so that Ctrl-C reaches it alone and it
    /// can save its state and choose its exit code. Elsewhere the same as [`Invocation::run`].
    pub fn replace(&self) -> ExitCode {
        #[cfg(unix)]
        {
            use std::os::unix::process::CommandExt;
            eprintln!("$ {self}");
            let error = self.command().exec();
            self.unstarted(&error)
        }
        #[cfg(not(unix))]
        self.run()
    }

    fn command(&self) -> Command {
        let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.args(&self.arguments).envs(self.variables.iter().copied());
        if let Some(folder) = &self.folder {
            command.current_dir(folder);
        }
        // Set by the cargo that started xtask, about xtask; build scripts would be run again because of them.
        for (name, _) in std::env::vars_os() {
            if name.to_str().is_some_and(|n| n.starts_with("CARGO_PKG_") || n.starts_with("CARGO_MANIFEST_"))
            {
                command.env_remove(name);
            }
        }
        command
    }

    fn unstarted(&self, error: &std::io::Error) -> ExitCode {
        eprintln!("xtask: cannot start `{self}`: {error}");
        ExitCode::FAILURE
    }
}

impl fmt::Display for Invocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, value) in &self.variables {
            write!(f, "{name}='{value}' ")?;
        }
        f.write_str("cargo")?;
        for argument in &self.arguments {
            let plain = |c: char| c.is_alphanumeric() || "-_=./:,+@".contains(c);
            match !argument.is_empty() && argument.chars().all(plain) {
                true => write!(f, " {argument}")?,
                false => write!(f, " '{}'", argument.replace('\'', r"'\''"))?,
            }
        }
        Ok(())
    }
}

/// The exit code of a finished process as a shell would say it: 128 and the signal's number if one ended it.
fn code(status: ExitStatus) -> u8 {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return u8::try_from(128 + signal).unwrap_or(1);
    }
    status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_what_can_be_pasted() {
        let call = Invocation::new(["doc", "--set", "a b", "it's", ""], None).with("FLAGS", "-D warnings");
        assert_eq!(call.to_string(), r"FLAGS='-D warnings' cargo doc --set 'a b' 'it'\''s' ''");
    }

    #[cfg(unix)]
    #[test]
    fn hands_exit_codes_on() {
        use std::os::unix::process::ExitStatusExt;
        let check = |raw: i32, expect: u8| assert_eq!(code(ExitStatus::from_raw(raw)), expect, "{raw}");
        check(0, 0);
        check(2 << 8, 2);
        check(130 << 8, 130);
        check(2, 130); // ended by SIGINT
        check(9, 137); // ended by SIGKILL
    }
}
