//! Who acts in the tests, and what they hold.

mod errno_api;
mod family;
mod pictures;
mod reply;
mod result_api;
mod world;

pub use self::{
    errno_api::ErrnoReply,
    family::{Camera, Family, PASSWORD, is_alive},
    pictures::{jpeg, png},
    reply::{Reply, assert_one_succeeds},
    result_api::{Applicant, Encoding, ResultReply, STRONG},
    world::{World, hash, md5, send},
};
