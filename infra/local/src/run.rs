use std::{io::Write, process::ExitCode};

use tokio::signal::unix::{SignalKind, signal};

use crate::{Options, Stack, StartError};

/// The whole program: JSON logs on standard output, and [`run`]; what goes wrong is told on standard error.
pub async fn main() -> ExitCode {
    function::start_logging();
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "HelpAged cannot start: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Runs the stack that this process's environment asks for until SIGINT or SIGTERM.
///
/// Prints one line on standard output when requests are served.
pub async fn run() -> Result<(), StartError> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let serving = async {
        let ready = |url: &str| writeln!(std::io::stdout(), "HelpAged is ready at {url}");
        Stack::start_and(Options::of_process()?, ready).await
    };
    let stack = tokio::select! {
        stack = serving => stack?,
        _ = interrupt.recv() => return Ok(()),
        _ = terminate.recv() => return Ok(()),
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    stack.stop().await;
    Ok(())
}
