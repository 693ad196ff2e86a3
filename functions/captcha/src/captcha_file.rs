use function::Body;
use lambda_http::{
    Request, Response,
    http::{HeaderValue, header},
};

use crate::{Captcha, fault};

/// `GET /captcha/<addr>` (seed 000): the picture of a captcha that a trusted backend asked for, while it can be redeemed.
pub(crate) async fn run(captcha: &Captcha, request: &Request) -> Response<Body> {
    match captcha.sms.codes().captcha_file(function::path_parameter(request, "addr")).await {
        Ok(Some(png)) => {
            let mut response = function::image(png, "image/png");
            response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
            response
        }
        Ok(None) => function::not_found(),
        Err(error) => {
            function::log_fault("captcha/file", &fault(error));
            function::not_found()
        }
    }
}

/// What the OpenAPI document says of it.
#[cfg(feature = "schema")]
pub(crate) fn describe() -> openapi::Route {
    let picture = openapi::binary("The picture.", &["image/png"]).header("Cache-Control", "no-store");
    openapi::Route::new("GET /captcha/{addr}", "The picture of a captcha that a trusted backend asked for", picture)
        .path("addr", "What `img/generate` called `addr`.", openapi::text("1d2c3b4a5968778695a4b3c2d1e0f004.png"))
        .or_not_found("The captcha was redeemed or has expired, or there was none.")
}
