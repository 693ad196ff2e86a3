//! The part of the `errno` API (seed 003) that makes accounts.

use accounts::{Account, NewAccount, Password, RegisterError};
use codes::{NotRedeemed, Proof};
use dialects::{
    cookies,
    errno::{
        BAD_PHONE, COOKIE, DATA_ERROR, DATABASE_ERROR, Errno, NO_DATA, PARAMETER_ERROR, REGISTERED, reply, reply_with,
    },
    form::Form,
};
use domain::Phone;
use envelope::Failure;
use function::Body;
use lambda_http::{Request, Response};
use serde::Serialize;

use crate::{User, login_pass};

const OPERATION: &str = "errno/users";

const NO_BODY: Errno = Errno(PARAMETER_ERROR, "参数错误");
const INCOMPLETE: Errno = Errno(PARAMETER_ERROR, "参数缺失");
const CODE_EXPIRED: Errno = Errno(NO_DATA, "短信验证码已过期");
const CODE_WRONG: Errno = Errno(DATA_ERROR, "短信验证码不一致");
const LOOK_UP_FAILED: Errno = Errno(DATABASE_ERROR, "查询手机号异常");
const SAVE_FAILED: Errno = Errno(DATABASE_ERROR, "保存用户信息异常");
const REGISTERED_NOW: Errno = Errno("0", "OK");

#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct NewUser<'a> {
    user_id: &'a str,
    name: &'a str,
    mobile: &'a str,
    avatar_url: String,
    create_time: String,
}

/// `POST /api/v1.0/users`: an account for whoever shows the code, and a cookie that holds a token of the main API.
pub(crate) async fn users(user: &User, request: &Request) -> Response<Body> {
    match register(user, request).await {
        Ok((account, token)) => {
            let phone = account.phone.as_str();
            let data = NewUser {
                user_id: phone,
                // This API names its users by their phones.
                name: phone,
                mobile: phone,
                avatar_url: format!("/api/get/portrait/{phone}"),
                create_time: user.wall_clock.date_time(account.created_at()),
            };
            let mut response = reply_with(OPERATION, REGISTERED_NOW, Some(data));
            cookies::set(request, &mut response, COOKIE, &token, None);
            response
        }
        Err(errno) => reply(OPERATION, errno),
    }
}

async fn register(user: &User, request: &Request) -> Result<(Account, String), Errno> {
    let form = Form::of_json(request).ok_or(NO_BODY)?;
    let (Some(mobile), Some(code), Some(password)) = (form.get("mobile"), form.get("sms_code"), form.get("password"))
    else {
        return Err(INCOMPLETE);
    };
    let phone: Phone = mobile.parse().map_err(|_| BAD_PHONE)?;
    let password = Password::new(password).map_err(|_| NO_BODY)?;
    if user.accounts.find(&phone).await.map_err(failed(LOOK_UP_FAILED))?.is_some() {
        return Err(REGISTERED);
    }
    // A code that came as a number has lost its leading zeros.
    let code = format!("{code:0>6}");
    let account = user.accounts.register(&user.codes, NewAccount::new(&phone, &password), Proof::Code(&code)).await;
    let account = account.map_err(|error| match error {
        RegisterError::Existed => REGISTERED,
        RegisterError::Code(NotRedeemed::Wrong | NotRedeemed::TooManyTries) => CODE_WRONG,
        RegisterError::Code(NotRedeemed::NonePending | NotRedeemed::Void | NotRedeemed::Expired) => CODE_EXPIRED,
        RegisterError::Code(NotRedeemed::Store(error)) | RegisterError::Store(error) => failed(SAVE_FAILED)(error),
    })?;
    let token = user.accounts.open_session(account.clone(), &password, false).await;
    let token = token.map_err(|error| failed(SAVE_FAILED)(login_pass::failure(error)))?;
    Ok((account, token.into_string()))
}

/// Logs what went wrong and stands for it in the answer.
fn failed<E: Into<Failure>>(errno: Errno) -> impl FnOnce(E) -> Errno {
    move |error| {
        function::log_fault(OPERATION, &error.into());
        errno
    }
}

/// What the OpenAPI document says of it.
#[cfg(feature = "schema")]
pub(crate) fn describe() -> openapi::Route {
    use dialects::errno::{schema, schema_with};
    use openapi::{Route, json};
    use serde_json::json;
    let failures = [NO_BODY, INCOMPLETE, BAD_PHONE, REGISTERED, CODE_EXPIRED, CODE_WRONG, LOOK_UP_FAILED, SAVE_FAILED];
    let answer = json!({ "anyOf": [schema_with::<NewUser<'_>>(REGISTERED_NOW), schema(&failures)] });
    let form = json!({
        "type": "object",
        "properties": {
            "mobile": { "type": "string", "description": "The phone." },
            "sms_code": { "type": ["string", "integer"], "description": "The code of six digits." },
            "password": { "type": "string", "description": "The new account's password.", "maxLength": 1024 },
        },
        "required": ["mobile", "sms_code", "password"],
    });
    let example = json!({ "mobile": "13900000006", "sms_code": "200406", "password": "correct horse 7" });
    let answer =
        json(&answer).header_at_times("Set-Cookie", "With 0: a token of the main API, in the cookie `session`.");
    Route::new("POST /api/v1.0/users", "An account for whoever shows the code", answer).body(
        "application/json",
        &form,
        &example,
    )
}
