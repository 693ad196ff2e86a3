//! Captchas and SMS codes: contract section 1.2, for trusted backends section 2, and the parts of sections 3 and 4 that
//! send codes.

mod backend;
mod captcha_file;
mod errno_api;
mod image_generate;
mod image_validate;
mod result_api;
mod sms_generate;
mod sms_validate;
mod websocket;

use accounts::Users;
use captcha_image::Picture;
use codes::SmsCodes;
use dynamo::StoreError;
use envelope::{Answer, Call, Failure, Status};
use environment::{Environment, Random, StartError};
use function::{Body, Function, WebSocketEvent, WebSocketReply};
use lambda_http::{Request, Response};

use self::backend::BackendKeys;

/// The captcha function.
pub struct Captcha {
    sms: SmsCodes,
    users: Users,
    random: Random,
    backend_keys: BackendKeys,
    require_captcha_for_sms: bool,
}

impl Function for Captcha {
    const NAME: &'static str = "captcha";

    fn build(environment: &Environment) -> Result<Self, StartError> {
        Ok(Self {
            sms: SmsCodes::new(environment)?,
            users: Users::new(environment)?,
            random: environment.random.clone(),
            backend_keys: BackendKeys::new(&environment.variables)?,
            require_captcha_for_sms: environment.variables.parse("REQUIRE_CAPTCHA_FOR_SMS")?,
        })
    }

    async fn http(&self, request: Request) -> Response<Body> {
        match function::route(&request) {
            "POST /api/captcha" => {
                let call = function::call(&request);
                function::reply(&call, self.captcha(&request, &call).await)
            }
            "GET /captcha/{addr}" => captcha_file::run(self, &request).await,
            "GET /register" => result_api::register(self, &request).await,
            "GET /api/v1.0/imagecode/{id}" => errno_api::image_code(self, &request).await,
            "GET /api/v1.0/smscode/{mobile}" => errno_api::sms_code(self, &request).await,
            "ANY /api/captcha" => function::method_not_allowed("POST"),
            route if route.starts_with("ANY ") => function::method_not_allowed("GET"),
            _ => function::not_found(),
        }
    }

    async fn websocket(&self, event: WebSocketEvent) -> WebSocketReply {
        match event.route() {
            "$connect" => websocket::connect(self, &event),
            "$default" => websocket::message(self, &event).await,
            _ => WebSocketReply::accepted(),
        }
    }
}

impl Captcha {
    async fn captcha(&self, request: &Request, call: &Call<'_>) -> Result<Answer, Failure> {
        let source = function::source_address(request);
        let backend = self.backend_keys.are_shown_by(request);
        match call.operation()? {
            ("img", "generate", _) => image_generate::run(self, backend).await,
            ("img", "validate", data) => image_validate::run(self, data).await,
            ("sms", "generate", data) => sms_generate::run(self, data, source, backend).await,
            ("sms", "validate", data) => sms_validate::run(self, data, source).await,
            _ => Err(Status::ERROR_JSON_VALUE.into()),
        }
    }

    /// A picture of five letters and digits, and what they are.
    fn draw(&self) -> Result<(String, Picture), Failure> {
        let code = self.random.text(captcha_image::ALPHABET, captcha_image::LENGTH);
        let picture = captcha_image::draw(&code, self.random.bytes()).ok_or(PICTURE_FAILED)?;
        Ok((code, picture))
    }
}

/// No picture could be made.
const PICTURE_FAILED: Status = Status::new(1000, "验证码文件创建失败");

/// The status that both validations have for a hash that is wrong, has expired or was used.
const ERROR_CAPTCHA_HASH: Status = Status::new(100, "Error captcha hash");

/// Callers of this function see a failing store as -404, the one status that the seed's tables have for it here.
fn fault(error: StoreError) -> Failure {
    Failure::fault(Status::UNKNOWN_ERROR, error)
}

/// What the OpenAPI document says of this function.
#[cfg(feature = "schema")]
#[must_use]
pub fn describe() -> Vec<openapi::Route> {
    let operations =
        [image_generate::describe(), image_validate::describe(), sms_generate::describe(), sms_validate::describe()];
    let shared = [Status::UNKNOWN_ERROR];
    let captcha = openapi::Route::serving("POST /api/captcha", "Captchas and SMS codes", shared, operations).header(
        "x-api-key",
        "The deployment's BackendKey, which trusted backends show.",
        openapi::text("a key of at least 24 characters"),
    );
    [captcha, captcha_file::describe(), result_api::describe()].into_iter().chain(errno_api::describe()).collect()
}
