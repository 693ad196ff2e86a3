//! HelpAged on a laptop: the six functions behind an HTTP and WebSocket listener, with DynamoDB, S3 and SNS embedded in the same
//! process. Routes, tables and parameters come from `template.yaml`, so that what runs here is what deploys.

mod aws;
mod client;
mod deployed;
mod development;
mod embedded;
mod functions;
mod gateway;
mod lambda;
mod options;
mod page;
mod permissions;
mod place;
mod provision;
mod reference;
mod run;
mod schedule;
mod server;
mod services;
mod stack;
mod template;
#[cfg(test)]
mod tests;
mod time;
mod websocket;

use environment::Random;

pub use self::{
    deployed::{Deployed, deployed},
    embedded::{Sms, SmsService, Switch},
    options::{Options, Storage},
    permissions::Permissions,
    reference::openapi_document,
    run::{main, run},
    stack::Stack,
    template::{ParameterError, TemplateError},
};

/// Why the stack did not start. The message names what is at fault and never shows a parameter's value.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A deployment parameter is missing or malformed.
    #[error(transparent)]
    Parameter(#[from] ParameterError),
    /// A function refused its environment.
    #[error(transparent)]
    Function(#[from] environment::StartError),
    /// A setting of the stack itself is malformed.
    #[error("the environment variable {0} is malformed: it {1}")]
    Malformed(&'static str, &'static str),
    /// `template.yaml` cannot be read.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// The template names a binary that is not in `functions.rs`.
    #[error("template.yaml names the binary {0}, which the local stack does not know")]
    UnknownBinary(String),
    /// An embedded server did not start.
    #[error("the embedded {0} did not start: {1}")]
    Embedded(&'static str, String),
    /// A table or bucket could not be made.
    #[error("{0} cannot be created: {1}")]
    Provisioning(String, String),
    /// A table was made by an older template.
    #[error("{0} has other keys or indexes than in template.yaml: start with an empty data directory")]
    Outdated(String),
    /// Another stack uses the same data.
    #[error("{0} is in use by another local stack")]
    InUse(String),
    /// The port is taken.
    #[error("cannot listen on 127.0.0.1:{0}: {1}")]
    Listen(u16, std::io::Error),
    /// The operating system refused something else.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

/// A random id in the form of a UUID, which is what AWS calls its requests by.
fn uuid(random: &Random) -> String {
    let mut id = hex::encode(random.bytes::<16>());
    for at in [20, 16, 12, 8] {
        id.insert(at, '-');
    }
    id
}
