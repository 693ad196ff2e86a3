//! The AWS services that the functions call, each a small server on a free loopback port: embedded, or a way to moto's.

mod dynamodb;
mod moto;
mod outbox;
mod s3;
mod sns;
mod switch;

pub(crate) use self::{dynamodb::Dynamodb, moto::Moto, s3::start as start_s3};
pub use self::{
    outbox::{Outbox, Sms},
    sns::SmsService,
    switch::Switch,
};
