//! JSON lines for everything that is not a request: faults, alerts that wait, a start that fails.

use tracing_subscriber::{
    filter::{LevelFilter, Targets},
    fmt,
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

/// The SDK's own debug lines hold requests with everything in them, so no level lets them through.
const QUIET: [(&str, LevelFilter); 13] = [
    ("aws_smithy_runtime", LevelFilter::WARN),
    ("aws_smithy_runtime_api", LevelFilter::WARN),
    ("aws_smithy_http_client", LevelFilter::WARN),
    ("aws_sdk_dynamodb", LevelFilter::WARN),
    ("aws_sdk_s3", LevelFilter::WARN),
    ("aws_sdk_sns", LevelFilter::WARN),
    ("hyper", LevelFilter::WARN),
    ("hyper_util", LevelFilter::WARN),
    ("h2", LevelFilter::WARN),
    ("lambda_runtime", LevelFilter::WARN),
    ("dynoxide", LevelFilter::ERROR),
    ("s3s", LevelFilter::WARN),
    ("s3s_fs", LevelFilter::WARN),
];

/// Writes JSON lines to standard output, at the level that `LOG_LEVEL` names (default `info`).
///
/// A second call in one process changes nothing.
pub fn start() {
    let asked_for = std::env::var("LOG_LEVEL").ok().and_then(|level| level.parse::<Targets>().ok());
    let filter = asked_for.unwrap_or_else(|| Targets::new().with_default(LevelFilter::INFO)).with_targets(QUIET);
    let json = fmt::layer().json().flatten_event(true).with_current_span(false).with_span_list(false);
    let _ = tracing_subscriber::registry().with(json).with(filter).try_init();
}
