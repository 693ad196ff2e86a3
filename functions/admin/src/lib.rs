//! Accounts as administrators see them: contract section 1.7.

mod delete;
mod info;
mod list;
mod update;

use accounts::{Accounts, Sessions};
use domain::Phone;
use envelope::{Answer, Call, Data, Failure, Status};
use environment::{Environment, StartError};
use function::{Body, Function};
use lambda_http::{Request, Response};
use notices::Notices;
use pictures::PictureStore;

/// The admin function.
pub struct Admin {
    sessions: Sessions,
    accounts: Accounts,
    notices: Notices,
    pictures: PictureStore,
    administrators: Vec<Phone>,
}

impl Function for Admin {
    const NAME: &'static str = "admin";

    fn build(environment: &Environment) -> Result<Self, StartError> {
        Ok(Self {
            sessions: Sessions::new(environment)?,
            accounts: Accounts::new(environment)?,
            notices: Notices::new(environment)?,
            pictures: PictureStore::new(environment)?,
            administrators: environment.variables.list("ADMIN_PHONES")?,
        })
    }

    async fn http(&self, request: Request) -> Response<Body> {
        match function::route(&request) {
            "POST /api/admin/user" => {
                let call = function::call(&request);
                function::reply(&call, self.user(&request, &call).await)
            }
            "ANY /api/admin/user" => function::method_not_allowed("POST"),
            _ => function::not_found(),
        }
    }
}

impl Admin {
    async fn user(&self, request: &Request, call: &Call<'_>) -> Result<Answer, Failure> {
        let caller = self.sessions.authenticate(function::token(request)?).await?;
        let operation = call.operation()?;
        let ("user", "list" | "info" | "update" | "delete", _) = operation else {
            return Err(Status::ERROR_JSON_VALUE.into());
        };
        if !self.administrators.contains(&caller) {
            return Err(Status::NO_PERMISSION.into());
        }
        match operation {
            (_, "list", data) => list::run(self, data).await,
            (_, "info", data) => info::run(self, data).await,
            (_, "update", data) => update::run(self, data).await,
            (_, _, data) => delete::run(self, data).await,
        }
    }
}

/// No account has this phone.
const USER_NOT_EXISTED: Status = Status::new(100, "user not existed");

fn phone(data: &Data<'_>) -> Result<Phone, Status> {
    data.text("phone")?.parse().map_err(|_| Status::VALUE_ERROR)
}

/// What the OpenAPI document says of [`phone`].
#[cfg(feature = "schema")]
fn key() -> openapi::Key {
    openapi::Key::text("phone", "Whose account.", openapi::closed::<Phone>())
}

/// What the OpenAPI document says of this function.
#[cfg(feature = "schema")]
#[must_use]
pub fn describe() -> Vec<openapi::Route> {
    let shared = [Status::ERROR_TOKEN, Status::NO_PERMISSION, Status::DATABASE_FAILURE];
    let operations = [list::describe(), info::describe(), update::describe(), delete::describe()];
    let route = openapi::Route::serving("POST /api/admin/user", "Accounts, for administrators", shared, operations);
    vec![route.token("An administrator's token.", "0123456789abcdef0123456789abcdef")]
}
