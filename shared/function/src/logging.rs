//! JSON lines for everything that is not a request: faults, alerts that wait, a start that fails.

use tracing_subscriber::EnvFilter;

/// Writes JSON lines to standard output, at the level that `LOG_LEVEL` names (default `info`).
///
/// A second call in one process changes nothing.
pub fn start() {
    // The SDK's own debug lines hold requests with everything in them, so no level lets them through.
    let level = std::env::var("LOG_LEVEL").unwrap_or_else(|_| "info".to_owned());
    let filter = EnvFilter::try_new(format!(
        "{level},aws_smithy_runtime=warn,aws_smithy_runtime_api=warn,aws_smithy_http_client=warn,aws_sdk_dynamodb=warn,\
         aws_sdk_s3=warn,aws_sdk_sns=warn,hyper=warn,hyper_util=warn,h2=warn,lambda_runtime=warn,dynoxide=error,s3s=warn,\
         s3s_fs=warn"
    ))
    .unwrap_or_else(|_| EnvFilter::new("info"));
    let _ = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .with_env_filter(filter)
        .try_init();
}
