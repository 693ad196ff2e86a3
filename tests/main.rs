//! Black-box tests of the whole API: HTTP against the local stack, which runs the functions that deploy on embedded
//! DynamoDB, S3 and SNS. Each test starts a stack of its own, in memory and on free ports. No test sleeps: time passes
//! by moving the stack's clock.

mod support;

mod captcha;
mod envelope;
mod hostile;
mod journey;
mod login;
mod password;
mod portrait;
mod profile;
mod register;
mod sms;
mod sms_limits;
mod sms_validate;
mod tokens;
