//! The values that operations speak of. Each type can only be made valid: whoever holds one need not check it again.

mod device;
mod digest;
mod event_id;
mod hex_id;
mod phone;
mod token;
mod wall_clock;

pub use self::{
    device::{DeviceId, DeviceName},
    digest::{captcha_hash, is_md5_hex, md5_hex, sha256_hex},
    event_id::EventId,
    phone::Phone,
    token::{Token, TokenHash},
    wall_clock::WallClock,
};

/// A value is not of the form that its type demands. The value itself is not shown: it may be personal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it must be {0}")]
pub struct Malformed(pub &'static str);
