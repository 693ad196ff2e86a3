//! Who acts in the tests, and what they hold.

mod family;
mod pictures;
mod reply;
mod store;
mod visitor;
mod world;

pub use self::{
    family::{Camera, Family, PASSWORD, is_alive, log_in},
    pictures::{jpeg, png},
    reply::{Reply, assert_one_succeeds},
    store::{Table, at_once},
    world::{World, envelope, hash, md5, send},
};
