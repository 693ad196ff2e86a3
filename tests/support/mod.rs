//! Who acts in the tests, and what they hold.

mod family;
mod pictures;
mod reply;
mod world;

pub use self::{
    family::{Camera, Family},
    pictures::{jpeg, png},
    reply::{Reply, assert_one_succeeds},
    world::{World, hash, md5},
};
