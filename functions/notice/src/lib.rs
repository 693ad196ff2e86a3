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
struct ShownNotice {
    event_id: EventId,
    content: String,
    device: String,
    pic_name: String,
    createtime: String,
}

impl Notice {
    fn show(&self, entry: Entry) -> ShownNotice {
        let createtime = self.alerts.wall_clock().date_time(entry.event_id.at());
        let Entry { event_id, device, content, pic_name, .. } = entry;
        ShownNotice { event_id, content, device: device.as_str().to_owned(), pic_name, createtime }
    }
}
