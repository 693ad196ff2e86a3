//! The part of the `result` API (seed 002) that sends a code.

use codes::{CodeFormat, NotSent, Purpose, REGISTRATION_SECONDS, SendRequest};
use dialects::{
    cookies,
    result::{COOKIE, NOT_SENT, OK, REGISTERED, reply},
};
use domain::Phone;
use function::Body;
use lambda_http::{Request, RequestExt, Response};

use crate::{Captcha, sms_generate};

const OPERATION: &str = "result/send";

/// `GET /register?userId=`: a four-digit code by SMS. What stands in `message` is a handle of the registration and
/// never the code: clients send it back unchanged, so they work as before, and the code stays secret.
///
/// Where the deployment asks for a captcha before it sends a code (section 1.2), this wants its `hash` as well. Clients
/// of this API know of none, but a way around the captcha would make it worthless.
pub(crate) async fn register(captcha: &Captcha, request: &Request) -> Response<Body> {
    let arguments = request.query_string_parameters_ref();
    let argument = |name| arguments.and_then(|arguments| arguments.first(name));
    let Some(phone) = argument("userId").and_then(|phone| phone.parse().ok()) else {
        return reply(OPERATION, NOT_SENT, None);
    };
    let hash = argument("hash").filter(|_| captcha.require_captcha_for_sms);
    if captcha.require_captcha_for_sms && hash.is_none() {
        return reply(OPERATION, NOT_SENT, None);
    }
    match start(captcha, &phone, hash, function::source_address(request)).await {
        Ok(Some((cookie, handle))) => {
            let mut response = reply(OPERATION, OK, Some(&handle));
            cookies::set(request, &mut response, COOKIE, &cookie, Some(REGISTRATION_SECONDS));
            response
        }
        Ok(None) => reply(OPERATION, REGISTERED, None),
        Err(error) => {
            function::log_fault(OPERATION, &sms_generate::failure(error));
            reply(OPERATION, NOT_SENT, None)
        }
    }
}

/// The registration's cookie and handle; `None` when the phone has an account.
async fn start(
    captcha: &Captcha,
    phone: &Phone,
    hash: Option<&str>,
    source: &str,
) -> Result<Option<(String, String)>, NotSent> {
    if captcha.users.find(phone).await?.is_some() {
        return Ok(None);
    }
    let (purpose, format) = (Purpose::Register, CodeFormat::FOUR_DIGITS);
    let request = SendRequest { phone, purpose, format, source, captcha: hash, deliver: true };
    let sent = captcha.sms.send(&request).await?;
    let (token, handle) = captcha.sms.codes().start_registration(phone, &sent.code).await?;
    Ok(Some((token.into_string(), handle)))
}

/// What the OpenAPI document says of it.
#[cfg(feature = "schema")]
pub(crate) fn describe() -> openapi::Route {
    use dialects::result::{Message, schema};
    let says = [(OK, Message::Text), (REGISTERED, Message::None), (NOT_SENT, Message::None)];
    let captcha = "The hash of a solved captcha, where the deployment asks for one (RequireCaptchaForSms).";
    let answer = openapi::json(&schema(&says)).header_at_times("Set-Cookie", "With 0000: the registration's cookie.");
    // In an address, a number and its digits are one.
    let phone = serde_json::json!({ "type": ["string", "integer"], "examples": ["13900000008"] });
    openapi::Route::new("GET /register", "Sends a code of four digits to register with", answer)
        .describe("`message` is a handle of the registration, which `POST /register` wants back as `code_v`.")
        .query("userId", "The phone.", phone)
        .query("hash", captcha, openapi::text("0123456789abcdef0123456789abcdef"))
}
