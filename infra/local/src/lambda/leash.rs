use std::{io, process::Stdio};

use tokio::process::{Child, ChildStdin, Command};

/// Ends processes when this one ends, however it ends.
///
/// A shell in a process group of its own waits for the end of its input, which nobody ever writes to, and then kills
/// the group: a process that was killed has its pipes closed like any other.
pub(super) struct Leash {
    group: i32,
    _input: Option<ChildStdin>,
    _shell: Child,
}

impl Leash {
    pub(super) fn start() -> io::Result<Self> {
        let mut shell = Command::new("sh")
            .args(["-c", "read -r nothing; kill -KILL 0"])
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let group = shell.id().and_then(|id| i32::try_from(id).ok());
        let group = group.ok_or_else(|| io::Error::other("the shell ended at once"))?;
        Ok(Self { group, _input: shell.stdin.take(), _shell: shell })
    }

    /// Starts a process that ends with this one. It ends as well when it is dropped.
    pub(super) fn spawn(&self, command: &mut Command) -> io::Result<Child> {
        command.process_group(self.group).stdin(Stdio::null()).kill_on_drop(true).spawn()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_on_the_leash_ends_when_the_other_end_of_the_pipe_does() {
        let leash = Leash::start().unwrap();
        let mut process = leash.spawn(Command::new("sleep").arg("600")).unwrap();
        assert!(process.try_wait().unwrap().is_none());
        drop(leash);
        assert!(!process.wait().await.unwrap().success());
    }
}
