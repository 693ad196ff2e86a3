//! The AWS services that the functions call, each a small server on a free loopback port.

mod dynamodb;
mod outbox;
mod s3;
mod sns;
mod switch;

pub(crate) use self::{dynamodb::Dynamodb, s3::start as start_s3};
pub use self::{
    outbox::{Outbox, Sms},
    sns::SmsService,
    switch::Switch,
};
