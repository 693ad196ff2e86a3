use accounts::{LoginError, Password};
use dialects::{
    form::Form,
    result::{OK, UNKNOWN_ERROR, UNKNOWN_USER, WRONG_PASSWORD, reply},
};
use domain::Phone;
use function::Body;
use lambda_http::{Request, Response};

use super::failed;
use crate::{User, login_pass};

const OPERATION: &str = "result/log";

/// `POST /log`: a token of the main API for phone and password.
pub(crate) async fn log(user: &User, request: &Request) -> Response<Body> {
    match try_log(user, request).await {
        Ok(token) => reply(OPERATION, OK, Some(&token)),
        Err(result) => reply(OPERATION, result, None),
    }
}

async fn try_log(user: &User, request: &Request) -> Result<String, &'static str> {
    let form = Form::of(request, "img").await.ok_or(UNKNOWN_ERROR)?;
    let phone: Phone = form.get("userId").and_then(|phone| phone.parse().ok()).ok_or(UNKNOWN_USER)?;
    let Some(password) = form.get("password").and_then(|password| Password::new(password).ok()) else {
        let account = user.accounts.find(&phone).await.map_err(|error| failed(OPERATION, error))?;
        return Err(account.map_or(UNKNOWN_USER, |_| WRONG_PASSWORD));
    };
    match user.accounts.login(&phone, &password, false).await {
        Ok(token) => Ok(token.into_string()),
        Err(LoginError::UnknownUser) => Err(UNKNOWN_USER),
        // A closed login must not tell a right password from a wrong one.
        Err(LoginError::WrongPassword | LoginError::TooManyTries) => Err(WRONG_PASSWORD),
        Err(error) => Err(failed(OPERATION, login_pass::failure(error))),
    }
}

/// What the OpenAPI document says of it.
#[cfg(feature = "schema")]
pub(crate) fn describe() -> openapi::Route {
    use dialects::result::{Message, schema};
    use serde_json::json;
    let none = [UNKNOWN_ERROR, UNKNOWN_USER, WRONG_PASSWORD].map(|result| (result, Message::None));
    let answer = openapi::json(&schema(&[&[(OK, Message::Text)], &none[..]].concat()));
    let form = json!({
        "type": "object",
        "properties": { "userId": { "type": "string" }, "password": { "type": "string" } },
        "required": ["userId", "password"],
    });
    let route = openapi::Route::new("POST /log", "A token of the main API for phone and password", answer);
    super::forms(route, &form, &json!({ "userId": "13900000002", "password": "correct horse 7" }))
}
