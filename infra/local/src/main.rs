//! `make dev`: the local stack, as the environment variables `PORT`, `DATA_DIR` and the deployment parameters say.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    local::main().await
}
