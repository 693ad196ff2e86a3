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
