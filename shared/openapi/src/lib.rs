//! What a function says of its routes and operations, and the OpenAPI 3.1 document that this becomes.
//!
//! Each operation is described in its own file, beside the code that does it: with the types that it replies with and
//! the statuses that it answers. Only the local stack asks for these descriptions (feature `schema` of each function);
//! no binary that deploys holds them. The black-box tests hold every reply to this document, and every operation to
//! what the document says of its keys.

mod document;
mod key;
mod operation;
mod route;
mod schema;

pub use schemars::JsonSchema;

pub use self::{
    document::{About, document},
    key::Key,
    operation::Operation,
    route::{Response, Route, binary, json},
    schema::{closed, hex, picture, text},
};
