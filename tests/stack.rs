//! The local stack as a process of its own, for the tests that kill it or read its log: what `make dev` runs.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    local::main().await
}
