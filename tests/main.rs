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
mod devices;
mod durability;
mod envelope;
mod failures;
mod gateway;
mod hostile;
mod journey;
mod login;
mod logs;
mod notice_list;
mod notice_read;
mod notice_upload;
mod password;
mod portrait;
mod profile;
mod register;
mod sms;
mod sms_limits;
mod sms_validate;
mod tokens;
mod websocket;
mod websocket_protocol;
