use std::{collections::HashMap, io, path::Path, process::Stdio, time::Duration};

use bytes::Bytes;
use serde_json::Value;
use tokio::process::{Child, Command};

use super::{emulator::Emulator, leash::Leash};

/// One process that runs a function's binary. It answers one event at a time.
pub(super) struct Instance {
    name: String,
    process: Child,
    /// Whether it has answered before.
    is_warm: bool,
}

/// What became of an event.
pub(super) enum Outcome {
    /// The function answered it, or said that it failed. The instance is ready for the next.
    Done(Result<Value, String>),
    /// The instance ended, or must.
    Lost(String),
}

impl Instance {
    /// Starts the process, which then asks the emulator for events.
    pub(super) fn start(
        name: String,
        program: &Path,
        variables: &HashMap<String, String>,
        emulator: &Emulator,
        leash: &Leash,
    ) -> io::Result<Self> {
        let mut command = Command::new(program);
        command
            .env_clear()
            .envs(variables)
            .env("AWS_LAMBDA_RUNTIME_API", emulator.runtime_api(&name))
            // Its log goes where this program's own goes. What it says on the way down may matter as well.
            .stdout(Stdio::inherit())
            .stderr(Stdio::inherit());
        Ok(Self { name, process: leash.spawn(&mut command)?, is_warm: false })
    }

    /// Whether the process is still there.
    pub(super) fn is_alive(&mut self) -> bool {
        matches!(self.process.try_wait(), Ok(None))
    }

    /// Takes the names from what libfaketime shares with child processes, of which there are none: it would only do so
    /// itself when the process ends of its own accord, and Lambda's never do.
    fn tidy_up(&mut self) {
        if !std::mem::replace(&mut self.is_warm, true)
            && let Some(id) = self.process.id()
        {
            for name in [format!("faketime_shm_{id}"), format!("sem.faketime_sem_{id}")] {
                let _ = std::fs::remove_file(Path::new("/dev/shm").join(name));
            }
        }
    }

    /// Hands over an event and waits for the answer, as long as Lambda would.
    pub(super) async fn invoke(&mut self, emulator: &Emulator, event: Bytes, timeout: Duration) -> Outcome {
        tokio::select! {
            answer = emulator.invoke(&self.name, event) => match answer {
                Ok(answer) => {
                    self.tidy_up();
                    Outcome::Done(answer)
                }
                Err(error) => Outcome::Lost(format!("the emulator failed: {error}")),
            },
            _ = self.process.wait() => Outcome::Lost("the process ended".to_owned()),
            () = tokio::time::sleep(timeout) => {
                Outcome::Lost(format!("the task timed out after {} seconds", timeout.as_secs()))
            }
        }
    }
}
