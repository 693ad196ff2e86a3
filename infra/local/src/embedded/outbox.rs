use std::{
    fs::{File, OpenOptions},
    io::{BufRead, BufReader, Seek, Write},
    path::Path,
    sync::{Mutex, PoisonError},
};

use serde::{Deserialize, Serialize};

use crate::time::LocalTime;

/// A text message as a person would have got it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sms {
    /// The phone, without the country code of mainland China.
    pub phone: String,
    /// The text.
    pub message: String,
    /// When it was sent, by the stack's clock and in the deployment's zone.
    pub at: String,
}

/// Every text message that was sent.
pub struct Outbox {
    time: LocalTime,
    state: Mutex<State>,
}

struct State {
    messages: Vec<Sms>,
    /// One JSON line a message, written before the sender hears of success: a crash loses none that was answered.
    file: Option<File>,
}

impl Outbox {
    /// An outbox that is gone when the stack is.
    pub(crate) fn in_memory(time: LocalTime) -> Self {
        Self { time, state: Mutex::new(State { messages: Vec::new(), file: None }) }
    }

    /// The outbox in the file `path`, which need not exist.
    pub(crate) fn open(path: &Path, time: LocalTime) -> std::io::Result<Self> {
        let mut file = OpenOptions::new().create(true).read(true).append(true).open(path)?;
        let mut reader = BufReader::new(&file);
        let mut messages = Vec::new();
        let mut whole = 0;
        let mut line = Vec::new();
        // What follows the last line feed was being written in a crash, and its sender never heard of success.
        while reader.read_until(b'\n', &mut line)? > 0 && line.ends_with(b"\n") {
            whole += line.len() as u64;
            messages.extend(serde_json::from_slice::<Sms>(&line).ok());
            line.clear();
        }
        file.set_len(whole)?;
        file.rewind()?;
        Ok(Self { time, state: Mutex::new(State { messages, file: Some(file) }) })
    }

    /// Keeps a message for `phone_number`, which is in international form.
    pub(crate) fn send(&self, phone_number: &str, message: &str) -> std::io::Result<()> {
        let sms = Sms {
            phone: phone_number.strip_prefix("+86").unwrap_or(phone_number).to_owned(),
            message: message.to_owned(),
            at: self.time.now(),
        };
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = &mut state.file {
            let mut line = serde_json::to_vec(&sms)?;
            line.push(b'\n');
            file.write_all(&line)?;
        }
        state.messages.push(sms);
        Ok(())
    }

    /// All messages, newest first.
    #[must_use]
    pub fn messages(&self) -> Vec<Sms> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.messages.iter().rev().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use environment::Clock;

    use super::*;

    fn time() -> LocalTime {
        LocalTime::new(Clock::system(), "+08:00").unwrap()
    }

    #[test]
    fn messages_are_there_after_a_restart_newest_first() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("sms.jsonl");
        Outbox::open(&path, time()).unwrap().send("+8613900000000", "first").unwrap();
        let outbox = Outbox::open(&path, time()).unwrap();
        outbox.send("+8613900000000", "second\nline").unwrap();
        let outbox = Outbox::open(&path, time()).unwrap();
        let messages: Vec<_> = outbox.messages().into_iter().map(|sms| (sms.phone, sms.message)).collect();
        let phone = "13900000000".to_owned();
        assert_eq!(messages, [(phone.clone(), "second\nline".to_owned()), (phone, "first".to_owned())]);
    }

    #[test]
    fn a_line_torn_by_a_crash_is_dropped_and_the_next_message_is_whole() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("sms.jsonl");
        Outbox::open(&path, time()).unwrap().send("+8613900000000", "whole").unwrap();
        OpenOptions::new().append(true).open(&path).unwrap().write_all(b"{\"phone\":\"139").unwrap();
        Outbox::open(&path, time()).unwrap().send("+8613900000000", "next").unwrap();
        let texts: Vec<_> =
            Outbox::open(&path, time()).unwrap().messages().into_iter().map(|sms| sms.message).collect();
        assert_eq!(texts, ["next", "whole"]);
    }
}
