//! Who acts in the tests, and what they hold.

mod document;
mod errno_api;
mod family;
mod pictures;
mod process;
mod reply;
mod result_api;
mod secrets;
mod socket;
mod store;
mod visitor;
mod world;

pub use self::{
    document::{Asked, DOCUMENT, resolve},
    errno_api::ErrnoReply,
    family::{Camera, Family, PASSWORD, is_alive, log_in},
    pictures::{jpeg, png},
    process::{Ended, Process, Running},
    reply::{Reply, assert_one_succeeds},
    result_api::{Applicant, Encoding, ResultReply, STRONG},
    secrets::Secrets,
    socket::{Socket, message as socket_message},
    store::{Table, at_once},
    world::{World, envelope, hash, md5, send},
};
