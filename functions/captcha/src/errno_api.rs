//! The parts of the `errno` API (seed 003) that make image codes and send SMS codes.

use codes::{CodeFormat, ImageAnswer, NotSent, Purpose, SendRequest};
use dialects::errno::{
    BAD_PHONE, DATA_ERROR, DATABASE_ERROR, Errno, NO_DATA, PARAMETER_ERROR, REGISTERED, THIRD_PARTY_ERROR, reply,
};
use domain::Phone;
use dynamo::StoreError;
use envelope::Failure;
use function::Body;
use lambda_http::{
    Request, RequestExt, Response,
    http::{HeaderValue, header},
};

use crate::{Captcha, fault, sms_generate};

const IMAGE_OPERATION: &str = "errno/imagecode";
const SMS_OPERATION: &str = "errno/smscode";

const NOT_KEPT: Errno = Errno(DATABASE_ERROR, "保存图片验证码失败");
const NOT_READ: Errno = Errno(DATABASE_ERROR, "获取图片验证码失败");
const LOOK_UP_FAILED: Errno = Errno(DATABASE_ERROR, "查询数据库异常");
const SAVE_FAILED: Errno = Errno(DATABASE_ERROR, "保存数据异常");
const INCOMPLETE: Errno = Errno(PARAMETER_ERROR, "参数不完整");
const IMAGE_EXPIRED: Errno = Errno(NO_DATA, "图片验证码已过期");
const IMAGE_WRONG: Errno = Errno(DATA_ERROR, "图片验证码不一致");
const SMS_FAILED: Errno = Errno(THIRD_PARTY_ERROR, "发送短信异常");
const SMS_LIMITED: Errno = Errno(THIRD_PARTY_ERROR, "发送失败");
const SENT: Errno = Errno("0", "发送成功");

/// `GET /api/v1.0/imagecode/<id>`: a JPEG, to stand in an `<img>`. The caller makes the id up.
pub(crate) async fn image_code(captcha: &Captcha, request: &Request) -> Response<Body> {
    match new_image(captcha, function::path_parameter(request, "id")).await {
        Ok(jpeg) => {
            // Not a registered type, but what this API's clients were told.
            let mut response = function::image(jpeg, "image/jpg");
            response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
            response
        }
        Err(failure) => {
            function::log_fault(IMAGE_OPERATION, &failure);
            reply(IMAGE_OPERATION, NOT_KEPT)
        }
    }
}

async fn new_image(captcha: &Captcha, id: &str) -> Result<Vec<u8>, Failure> {
    let (code, picture) = captcha.draw()?;
    captcha.sms.codes().issue_image_code(id, &code).await.map_err(fault)?;
    Ok(picture.jpeg())
}

/// `GET /api/v1.0/smscode/<mobile>?text=&id=`: a code by SMS for whoever read the picture.
pub(crate) async fn sms_code(captcha: &Captcha, request: &Request) -> Response<Body> {
    let errno = send(captcha, request).await.err().unwrap_or(SENT);
    reply(SMS_OPERATION, errno)
}

async fn send(captcha: &Captcha, request: &Request) -> Result<(), Errno> {
    let arguments = request.query_string_parameters_ref();
    let argument = |name| arguments.and_then(|arguments| arguments.first(name)).filter(|value| !value.is_empty());
    let mobile = function::path_parameter(request, "mobile");
    let (Some(text), Some(id)) = (argument("text"), argument("id")) else { return Err(INCOMPLETE) };
    let phone: Phone = mobile.parse().map_err(|_| BAD_PHONE)?;
    let failed = |errno| {
        move |error: StoreError| {
            function::log_fault(SMS_OPERATION, &fault(error));
            errno
        }
    };
    match captcha.sms.codes().answer_image_code(id, text).await.map_err(failed(NOT_READ))? {
        ImageAnswer::Right => {}
        ImageAnswer::Wrong => return Err(IMAGE_WRONG),
        ImageAnswer::Missing => return Err(IMAGE_EXPIRED),
    }
    if captcha.users.find(&phone).await.map_err(failed(LOOK_UP_FAILED))?.is_some() {
        return Err(REGISTERED);
    }
    let (purpose, format) = (Purpose::Register, CodeFormat::FIVE_MINUTES);
    let source = function::source_address(request);
    let request = SendRequest { phone: &phone, purpose, format, source, captcha: None, deliver: true };
    captcha.sms.send(&request).await.map(drop).map_err(|error| {
        let errno = match &error {
            NotSent::Sms(_) => SMS_FAILED,
            NotSent::Store(_) => SAVE_FAILED,
            _ => SMS_LIMITED,
        };
        function::log_fault(SMS_OPERATION, &sms_generate::failure(error));
        errno
    })
}

/// What the OpenAPI document says of them.
#[cfg(feature = "schema")]
pub(crate) fn describe() -> [openapi::Route; 2] {
    use dialects::errno::schema;
    use openapi::{Route, binary, json, text};
    let id = "0f8fad5b-d9cb-469f-a165-70867728950e";
    let picture = binary("A JPEG; or JSON where it could not be kept.", &["image/jpg"]);
    let picture = picture
        .header("Cache-Control", "no-store")
        .header_at_times("Content-Security-Policy", "With the picture.")
        .or_json(&schema(&[NOT_KEPT]));
    let sms = [
        SENT,
        INCOMPLETE,
        BAD_PHONE,
        IMAGE_EXPIRED,
        IMAGE_WRONG,
        REGISTERED,
        SMS_FAILED,
        SMS_LIMITED,
        NOT_READ,
        LOOK_UP_FAILED,
        SAVE_FAILED,
    ];
    [
        Route::new("GET /api/v1.0/imagecode/{id}", "A new image code", picture).path(
            "id",
            "Made up by the caller, a new one for each picture.",
            text(id),
        ),
        Route::new("GET /api/v1.0/smscode/{mobile}", "A code by SMS for whoever read the picture", json(&schema(&sms)))
            .path("mobile", "The phone.", text("13900000009"))
            .query(
                "text",
                "What the picture says. Case does not matter, and asking uses the picture up.",
                text("AB2CD"),
            )
            .query("id", "The picture's id.", text(id)),
    ]
}
