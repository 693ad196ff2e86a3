//! What every function does around its own operations: start up, take a Lambda event, answer it, log one line.
//!
//! The six binaries call [`run`]; the local stack calls [`Mounted::invoke`] with the very events that API Gateway
//! and the scheduler would send, so that what is tested is what deploys.

mod event;
mod logging;
mod mounted;
mod observation;
mod preflight;
mod request;
mod response;
mod websocket;

use std::{future::Future, sync::Arc};

use environment::{Clock, Environment, Random, StartError, Variables};
pub use lambda_http::{Body, http};
use lambda_http::{Request, Response};
use lambda_runtime::{LambdaEvent, service_fn};

pub use self::{
    mounted::{Mounted, mount},
    request::{call, header, path_parameter, route, source_address, token},
    response::{answer, image, json, log_fault, method_not_allowed, not_found, not_modified, reply},
    websocket::{WebSocketEvent, WebSocketReply},
};

/// One Lambda function: its clients and settings, built once, and what it answers.
pub trait Function: Sized + Send + Sync + 'static {
    /// What the log and the metrics call it: the name of its binary.
    const NAME: &'static str;

    /// Builds the clients and reads the parameters. Runs in Lambda's init phase.
    fn build(environment: &Environment) -> Result<Self, StartError>;

    /// Answers one HTTP request.
    fn http(&self, request: Request) -> impl Future<Output = Response<Body>> + Send;

    /// Answers one event of the WebSocket API. Functions without such routes refuse it.
    fn websocket(&self, _event: WebSocketEvent) -> impl Future<Output = WebSocketReply> + Send {
        async { WebSocketReply::refused() }
    }

    /// Does what the schedule in `template.yaml` asks for. Functions without a schedule are never called.
    ///
    /// An error makes the run count as failed; it was already logged where it happened.
    fn scheduled(&self) -> impl Future<Output = Result<(), ScheduleError>> + Send {
        async { Ok(()) }
    }
}

/// A scheduled run that could not do all of its work. The next run tries again.
#[derive(Debug)]
pub struct ScheduleError;

impl std::fmt::Display for ScheduleError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the scheduled run did not finish its work")
    }
}

impl std::error::Error for ScheduleError {}

/// Runs `F` as this process's Lambda function until Lambda stops it.
pub async fn run<F: Function>() -> Result<(), lambda_runtime::Error> {
    logging::start();
    let environment = Environment::new(Variables::of_process(), Clock::system(), Random::os())?;
    let function = Arc::new(mount::<F>(&environment)?);
    lambda_runtime::run(service_fn(move |invocation: LambdaEvent<event::Event>| {
        let function = Arc::clone(&function);
        async move { function.answer(invocation).await }
    }))
    .await
}

/// Starts the same JSON logs for a process that mounts functions itself.
pub fn start_logging() {
    logging::start();
}
