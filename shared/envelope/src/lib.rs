//! The main API's envelope (seed 004): what a request must look like, the id rule, the status table, the reply.
//!
//! Nothing here knows of HTTP or AWS.

#[cfg(feature = "asked")]
pub mod asked;
mod call;
mod data;
mod failure;
mod reply;
mod status;

pub use self::{
    call::Call,
    data::{Data, Optional},
    failure::Failure,
    reply::{Answer, reply},
    status::Status,
};
