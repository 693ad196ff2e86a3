//! Accounts as their owners see them: contract section 1.3, and the parts of sections 3 and 4 that make accounts and
//! log in.

mod errno_api;
mod info_get;
mod info_nickname;
mod info_update;
mod login_pass;
mod password_change;
mod password_forget;
mod portrait_get;
mod portrait_upload;
mod register_phone;
mod result_api;

use accounts::{Accounts, InvalidPassword, Password, Sessions};
use codes::Codes;
use domain::{Phone, WallClock};
use envelope::{Answer, Call, Failure, Status};
use environment::{Environment, StartError};
use function::{Body, Function};
use lambda_http::{Request, Response};
use pictures::PictureStore;

/// The user function.
pub struct User {
    accounts: Accounts,
    sessions: Sessions,
    codes: Codes,
    pictures: PictureStore,
    allowed_referers: Vec<String>,
    wall_clock: WallClock,
}

impl Function for User {
    const NAME: &'static str = "user";

    fn build(environment: &Environment) -> Result<Self, StartError> {
        Ok(Self {
            accounts: Accounts::new(environment)?,
            sessions: Sessions::new(environment)?,
            codes: Codes::new(environment)?,
            pictures: PictureStore::new(environment)?,
            allowed_referers: environment.variables.list("ALLOWED_REFERERS")?,
            wall_clock: environment.variables.parse("UTC_OFFSET")?,
        })
    }

    async fn http(&self, request: Request) -> Response<Body> {
        let call = function::call(&request);
        let outcome = match function::route(&request) {
            "POST /api/user/login" => self.login(&call).await,
            "POST /api/user/register" => self.register(&call).await,
            "POST /api/user/password" => self.password(&call).await,
            "POST /api/user/nickname" => self.nickname(&request, &call).await,
            "GET /api/user/info" => info_get::run(self, &request).await,
            "POST /api/user/info" => self.info(&request, &call).await,
            "POST /api/portrait" => self.portrait(&request, &call).await,
            "GET /api/get/portrait/{user_id}" | "GET /get/portrait/{user_id}" => {
                return portrait_get::run(self, &request).await;
            }
            "POST /register" => return result_api::register(self, &request).await,
            "POST /upload" => return result_api::upload(self, &request).await,
            "POST /log" => return result_api::log(self, &request).await,
            "POST /api/v1.0/users" => return errno_api::users(self, &request).await,
            "ANY /api/get/portrait/{user_id}" | "ANY /get/portrait/{user_id}" => {
                return function::method_not_allowed("GET");
            }
            "ANY /api/user/info" | "ANY /register" => return function::method_not_allowed("GET, POST"),
            route if route.starts_with("ANY ") => return function::method_not_allowed("POST"),
            _ => return function::not_found(),
        };
        function::reply(&call, outcome)
    }
}

impl User {
    async fn login(&self, call: &Call<'_>) -> Result<Answer, Failure> {
        match call.operation()? {
            ("login", "pass", data) => login_pass::run(self, data).await,
            _ => Err(Status::ERROR_JSON_VALUE.into()),
        }
    }

    async fn register(&self, call: &Call<'_>) -> Result<Answer, Failure> {
        match call.operation()? {
            ("register", "phone", data) => register_phone::run(self, data).await,
            _ => Err(Status::ERROR_JSON_VALUE.into()),
        }
    }

    async fn password(&self, call: &Call<'_>) -> Result<Answer, Failure> {
        match call.operation()? {
            ("password", "forget", data) => password_forget::run(self, data).await,
            ("password", "change", data) => password_change::run(self, data).await,
            _ => Err(Status::ERROR_JSON_VALUE.into()),
        }
    }

    async fn nickname(&self, request: &Request, call: &Call<'_>) -> Result<Answer, Failure> {
        self.sessions.authenticate(function::token(request)?).await?;
        match call.operation()? {
            ("info", "nickname", data) => info_nickname::run(self, data).await,
            _ => Err(Status::ERROR_JSON_VALUE.into()),
        }
    }

    async fn info(&self, request: &Request, call: &Call<'_>) -> Result<Answer, Failure> {
        let caller = self.sessions.authenticate(function::token(request)?).await?;
        match call.operation()? {
            ("info", "update", data) => info_update::run(self, &caller, data).await,
            _ => Err(Status::ERROR_JSON_VALUE.into()),
        }
    }

    async fn portrait(&self, request: &Request, call: &Call<'_>) -> Result<Answer, Failure> {
        let caller = self.sessions.authenticate(function::token(request)?).await?;
        match call.operation()? {
            ("portrait", "upload", data) => portrait_upload::run(self, &caller, data).await,
            _ => Err(Status::ERROR_JSON_VALUE.into()),
        }
    }
}

/// A phone that an operation has no status of its own for.
fn parse_phone(text: &str) -> Result<Phone, Status> {
    text.parse().map_err(|_| Status::VALUE_ERROR)
}

/// An empty password was refused as an empty value before.
fn parse_password(text: &str) -> Result<Password, Status> {
    Password::new(text).map_err(|InvalidPassword| Status::VALUE_ERROR)
}

/// What the OpenAPI document says of a key that [`parse_phone`] reads.
#[cfg(feature = "schema")]
fn phone_key(description: &str) -> openapi::Key {
    openapi::Key::text("phone", description, openapi::closed::<Phone>())
}

/// What the OpenAPI document says of this function.
#[cfg(feature = "schema")]
#[must_use]
pub fn describe() -> Vec<openapi::Route> {
    use openapi::Route;
    let open = [Status::DATABASE_FAILURE];
    let known = [Status::ERROR_TOKEN, Status::DATABASE_FAILURE];
    let token = |route: Route| route.token("The caller's token.", "0123456789abcdef0123456789abcdef");
    let passwords = [password_forget::describe(), password_change::describe()];
    let routes = [
        Route::serving("POST /api/user/login", "Logging in", open, [login_pass::describe()]),
        Route::serving("POST /api/user/register", "Registering", open, [register_phone::describe()]),
        Route::serving("POST /api/user/password", "New passwords", open, passwords),
        token(Route::serving("POST /api/user/nickname", "Nicknames", known, [info_nickname::describe()])),
        token(Route::serving("GET /api/user/info", "Reading the profile", open, [info_get::describe()])),
        token(Route::serving("POST /api/user/info", "Changing the profile", known, [info_update::describe()])),
        token(Route::serving("POST /api/portrait", "Uploading a portrait", known, [portrait_upload::describe()])),
        portrait_get::describe("GET /api/get/portrait/{user_id}"),
        portrait_get::describe("GET /get/portrait/{user_id}"),
        errno_api::describe(),
    ];
    routes.into_iter().chain(result_api::describe()).collect()
}
