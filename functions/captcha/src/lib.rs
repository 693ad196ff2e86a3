//! Image captchas and SMS codes: contract section 1.2.

mod image_generate;
mod image_validate;
mod sms_generate;
mod sms_validate;

use accounts::Users;
use codes::SmsCodes;
use dynamo::StoreError;
use envelope::{Answer, Call, Failure, Status};
use environment::{Environment, Random, StartError};
use function::{Body, Function};
use lambda_http::{Request, Response};

/// The captcha function.
pub struct Captcha {
    sms: SmsCodes,
    users: Users,
    random: Random,
    require_captcha_for_sms: bool,
}

impl Function for Captcha {
    fn build(environment: &Environment) -> Result<Self, StartError> {
        Ok(Self {
            sms: SmsCodes::new(environment)?,
            users: Users::new(environment)?,
            random: environment.random.clone(),
            require_captcha_for_sms: environment.variables.parse("REQUIRE_CAPTCHA_FOR_SMS")?,
        })
    }

    async fn http(&self, request: Request) -> Response<Body> {
        match function::route(&request) {
            "POST /api/captcha" => {
                let call = function::call(&request);
                function::reply(&call, self.captcha(&request, &call).await)
            }
            "ANY /api/captcha" => function::method_not_allowed("POST"),
            _ => function::not_found(),
        }
    }
}

impl Captcha {
    async fn captcha(&self, request: &Request, call: &Call<'_>) -> Result<Answer, Failure> {
        let source = function::source_address(request);
        match call.operation()? {
            ("img", "generate", _) => image_generate::run(self).await,
            ("img", "validate", data) => image_validate::run(self, data).await,
            ("sms", "generate", data) => sms_generate::run(self, data, source).await,
            ("sms", "validate", data) => sms_validate::run(self, data, source).await,
            _ => Err(Status::ERROR_JSON_VALUE.into()),
        }
    }
}

/// The status that both validations have for a hash that is wrong, has expired or was used.
const ERROR_CAPTCHA_HASH: Status = Status::new(100, "Error captcha hash");

/// Callers of this function see a failing store as -404, the one status that the seed's tables have for it here.
fn fault(error: StoreError) -> Failure {
    Failure::fault(Status::UNKNOWN_ERROR, error)
}
