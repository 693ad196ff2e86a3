//! The envelopes of the older APIs: how they write an answer, and how their callers write a request. What they ask
//! for is done by the operations that the main API has.

pub mod cookies;
pub mod errno;
pub mod form;
pub mod result;
