use std::error::Error;

use crate::Status;

/// Why an operation did not succeed.
#[derive(Debug)]
pub enum Failure {
    /// The operation's own, expected answer. Nothing is wrong with us.
    Status(Status),
    /// Something of ours failed. The caller sees `status`; `source` is logged once, where the reply is made.
    Fault {
        /// What the caller sees.
        status: Status,
        /// What happened. It must not hold anything personal or secret.
        source: Box<dyn Error + Send + Sync>,
    },
}

impl Failure {
    /// What the caller sees.
    #[must_use]
    pub const fn status(&self) -> Status {
        match self {
            Self::Status(status) | Self::Fault { status, .. } => *status,
        }
    }

    /// A fault of ours that callers see as `status`.
    pub fn fault(status: Status, source: impl Error + Send + Sync + 'static) -> Self {
        Self::Fault { status, source: Box::new(source) }
    }
}

impl From<Status> for Failure {
    fn from(status: Status) -> Self {
        Self::Status(status)
    }
}
