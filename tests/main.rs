//! Black-box tests of the whole API: HTTP against the local stack, which runs the functions that deploy on embedded
//! DynamoDB, S3 and SNS. Each test starts a stack of its own, in memory and on free ports. No test sleeps: time passes
//! by moving the stack's clock.

mod support;

mod admin;
mod alerts;
mod backends;
mod bad_input;
mod budgets;
mod captcha;
mod concurrency;
mod cors;
mod devices;
mod documentation;
mod durability;
mod envelope;
mod errno_api;
mod failures;
mod gateway;
mod hostile;
mod journey;
mod login;
mod logs;
mod lost_answers;
mod metrics;
mod notice_list;
mod notice_read;
mod notice_upload;
mod older_logs;
mod one_account;
mod openapi;
mod password;
mod permissions;
mod portrait;
mod profile;
mod register;
mod restored;
mod result_api;
mod sms;
mod sms_limits;
mod sms_validate;
mod tokens;
mod websocket;
mod websocket_protocol;
