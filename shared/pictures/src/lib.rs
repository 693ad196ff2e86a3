//! Pictures: what counts as one, and where they are kept.

mod picture;
mod store;

pub use self::{
    picture::{InvalidPicture, MAX_BYTES, MediaType, Picture},
    store::{PictureStore, PictureStoreError, StoredPicture},
};
