//! The heartbeat of tokens: contract section 1.4.

mod doki;

use accounts::Sessions;
use environment::{Environment, StartError};
use function::{Body, Function};
use lambda_http::{Request, Response};

/// The token function.
pub struct Token {
    sessions: Sessions,
}

impl Function for Token {
    const NAME: &'static str = "token";

    fn build(environment: &Environment) -> Result<Self, StartError> {
        Ok(Self { sessions: Sessions::new(environment)? })
    }

    async fn http(&self, request: Request) -> Response<Body> {
        match function::route(&request) {
            "GET /api/user/doki" => function::reply(&function::call(&request), doki::run(self, &request).await),
            "ANY /api/user/doki" => function::method_not_allowed("GET"),
            _ => function::not_found(),
        }
    }
}

/// What the OpenAPI document says of this function.
#[cfg(feature = "schema")]
#[must_use]
pub fn describe() -> Vec<openapi::Route> {
    let shared = [envelope::Status::DATABASE_FAILURE];
    let route = openapi::Route::serving("GET /api/user/doki", "Keeps a token alive", shared, [doki::describe()]);
    vec![route.token("The token.", "0123456789abcdef0123456789abcdef")]
}
