//! Falls: cameras report them, families see them. Contract section 1.6.

mod get;
mod info;
mod sign;
mod upload;

use accounts::Sessions;
use domain::EventId;
use envelope::{Answer, Call, Failure, Status};
use environment::{Environment, StartError};
use function::{Body, Function, ScheduleError};
use lambda_http::{Request, Response};
use notices::{Alerts, Entry, Notices};
use pictures::PictureStore;
use serde::Serialize;

/// The notice function.
pub struct Notice {
    sessions: Sessions,
    notices: Notices,
    alerts: Alerts,
    pictures: PictureStore,
}

impl Function for Notice {
    const NAME: &'static str = "notice";

    fn build(environment: &Environment) -> Result<Self, StartError> {
        Ok(Self {
            sessions: Sessions::new(environment)?,
            notices: Notices::new(environment)?,
            alerts: Alerts::new(environment)?,
            pictures: PictureStore::new(environment)?,
        })
    }

    async fn http(&self, request: Request) -> Response<Body> {
        let call = function::call(&request);
        let outcome = match function::route(&request) {
            "POST /api/notice" => upload::run(self, &request, &call).await,
            "POST /api/get/notice" => self.family(&request, &call).await,
            route if route.starts_with("ANY ") => return function::method_not_allowed("POST"),
            _ => return function::not_found(),
        };
        function::reply(&call, outcome)
    }

    /// Sends the alerts that could not be sent when their falls were reported.
    async fn scheduled(&self) -> Result<(), ScheduleError> {
        self.alerts.retry(&self.notices).await.map_err(|error| {
            function::log_fault("alerts", &error.into());
            ScheduleError
        })
    }
}

impl Notice {
    async fn family(&self, request: &Request, call: &Call<'_>) -> Result<Answer, Failure> {
        let caller = self.sessions.authenticate(function::token(request)?).await?;
        match call.operation()? {
            ("notice", "get", data) => get::run(self, &caller, data).await,
            ("notice", "info", data) => info::run(self, &caller, data).await,
            ("notice", "sign", data) => sign::run(self, &caller, data).await,
            _ => Err(Status::ERROR_JSON_VALUE.into()),
        }
    }
}

/// A fall as this API shows it.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct ShownNotice {
    event_id: EventId,
    /// What the camera had to say.
    content: String,
    /// What the camera is called.
    device: String,
    /// The MD5 of the picture.
    pic_name: String,
    /// `YYYY-MM-DD HH:MM:SS` in the deployment's zone.
    createtime: String,
}

impl Notice {
    fn show(&self, entry: Entry) -> ShownNotice {
        let createtime = self.alerts.wall_clock().date_time(entry.event_id.at());
        let Entry { event_id, device, content, pic_name, .. } = entry;
        ShownNotice { event_id, content, device: device.as_str().to_owned(), pic_name, createtime }
    }
}

/// What the OpenAPI document says of a key that names a fall.
#[cfg(feature = "schema")]
fn key(description: &str) -> openapi::Key {
    openapi::Key::text("event_id", description, openapi::closed::<EventId>())
}

/// What the OpenAPI document says of this function.
#[cfg(feature = "schema")]
#[must_use]
pub fn describe() -> Vec<openapi::Route> {
    use openapi::{Route, text};
    let cameras = [Status::ERROR_DEVICE_TOKEN, Status::DATABASE_FAILURE];
    let families = [Status::ERROR_TOKEN, Status::DATABASE_FAILURE];
    let again = "Names the fall, for a week. A camera that repeats a request with the same key gets the first answer again, and \
                 there is one notice. With another picture that holds for ten minutes; later it is another fall, which then has the key.";
    vec![
        Route::serving("POST /api/notice", "Cameras report falls", cameras, [upload::describe()])
            .token("The camera's `device_id`.", "5f0c7d2e9b1a4c3d8e6f7a8b9c0d1e2f")
            .header("Idempotency-Key", again, text("019a0b1c-2d3e-7f4a-8b5c-6d7e8f901a2c")),
        Route::serving(
            "POST /api/get/notice",
            "Families see the falls of their cameras",
            families,
            [get::describe(), info::describe(), sign::describe()],
        )
        .token("The caller's token.", "0123456789abcdef0123456789abcdef"),
    ]
}
