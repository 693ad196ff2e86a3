//! Cameras as their owners see them: contract section 1.5.

mod add;
mod bind;
mod info;
mod list;
mod remove;
mod unbind;

use accounts::{Sessions, Users};
use domain::DeviceId;
use envelope::{Answer, Call, Failure, Status};
use environment::{Environment, StartError};
use function::{Body, Function};
use lambda_http::{Request, Response};
use notices::Notices;
use pictures::PictureStore;

/// The device function.
pub struct Device {
    sessions: Sessions,
    users: Users,
    notices: Notices,
    pictures: PictureStore,
}

impl Function for Device {
    const NAME: &'static str = "device";

    fn build(environment: &Environment) -> Result<Self, StartError> {
        Ok(Self {
            sessions: Sessions::new(environment)?,
            users: Users::new(environment)?,
            notices: Notices::new(environment)?,
            pictures: PictureStore::new(environment)?,
        })
    }

    async fn http(&self, request: Request) -> Response<Body> {
        match function::route(&request) {
            "POST /api/device" => {
                let call = function::call(&request);
                function::reply(&call, self.device(&request, &call).await)
            }
            "ANY /api/device" => function::method_not_allowed("POST"),
            _ => function::not_found(),
        }
    }
}

impl Device {
    async fn device(&self, request: &Request, call: &Call<'_>) -> Result<Answer, Failure> {
        let caller = self.sessions.authenticate(function::token(request)?).await?;
        match call.operation()? {
            ("device", "add", data) => add::run(self, &caller, data).await,
            ("device", "bind", data) => bind::run(self, &caller, data).await,
            ("device", "unbind", data) => unbind::run(self, &caller, data).await,
            ("device", "remove", data) => remove::run(self, &caller, data).await,
            ("device", "list", _) => list::run(self, &caller).await,
            ("device", "info", data) => info::run(self, &caller, data).await,
            _ => Err(Status::ERROR_JSON_VALUE.into()),
        }
    }
}

/// No camera has this id: what is not even an id is no camera's either.
const DEVICE_ID_NOT_EXIST: Status = Status::new(100, "device_id not exist");

fn parse_device_id(text: &str) -> Result<DeviceId, Status> {
    text.parse().map_err(|_| DEVICE_ID_NOT_EXIST)
}

/// What the OpenAPI document says of a key that [`parse_device_id`] reads.
#[cfg(feature = "schema")]
fn key(description: &str) -> openapi::Key {
    openapi::Key::text("device_id", description, openapi::closed::<DeviceId>()).malformed(DEVICE_ID_NOT_EXIST)
}

/// What the OpenAPI document says of this function.
#[cfg(feature = "schema")]
#[must_use]
pub fn describe() -> Vec<openapi::Route> {
    let operations =
        [add::describe(), bind::describe(), unbind::describe(), remove::describe(), list::describe(), info::describe()];
    let shared = [Status::ERROR_TOKEN, Status::DATABASE_FAILURE];
    let route = openapi::Route::serving("POST /api/device", "Cameras, and who is bound to them", shared, operations);
    vec![route.token("The caller's token.", "0123456789abcdef0123456789abcdef")]
}
