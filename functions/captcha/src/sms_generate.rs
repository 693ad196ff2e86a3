use codes::{CodeFormat, NotSent, Purpose, SendRequest};
use domain::Phone;
use envelope::{Answer, Data, Failure, Status};
use serde::Serialize;

use crate::{Captcha, fault};

// The numbers are those of the provider that the seed refers to.
const SERVICE_FAILED: Status = Status::new(1008, "短信服务请求超时");
const TOO_MANY_FROM_SOURCE: Status = Status::new(1013, "短信请求频率过高");
const BAD_PHONE: Status = Status::new(1016, "手机号格式错误");
const BUDGET_USED_UP: Status = Status::new(1022, "业务短信日下发条数超过设定的上限");
const ONE_IN_30_SECONDS: Status = Status::new(1023, "单个手机号30秒内下发短信条数超过设定的上限");
const FIVE_IN_AN_HOUR: Status = Status::new(1024, "单个手机号1小时内下发短信条数超过设定的上限");
const TEN_IN_A_DAY: Status = Status::new(1025, "单个手机号日下发短信条数超过设定的上限");

#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct Reply {
    /// Five letters and digits, the salt of the hash.
    rand: String,
    /// The code itself, which only trusted backends see (seed 000).
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
}

/// `sms/generate`: an SMS with a code, and the salt of its hash.
pub(crate) async fn run(captcha: &Captcha, data: &Data<'_>, source: &str, backend: bool) -> Result<Answer, Failure> {
    let (phone, hash) = if captcha.require_captcha_for_sms {
        let [phone, hash] = data.texts(["phone", "hash"])?;
        (phone, Some(hash))
    } else {
        (data.text("phone")?, None)
    };
    let purpose = match data.optional_integer("command_type")? {
        None | Some(1) => Purpose::Register,
        Some(2) => Purpose::ResetPassword,
        Some(_) => return Err(Status::VALUE_ERROR.into()),
    };
    let phone: Phone = phone.parse().map_err(|_| BAD_PHONE)?;
    // Without an account there is no password to reset; the reply must not tell.
    let deliver = match purpose {
        Purpose::ResetPassword => captcha.users.find(&phone).await.map_err(fault)?.is_some(),
        Purpose::Register | Purpose::Backend => true,
    };
    let request =
        SendRequest { phone: &phone, purpose, format: CodeFormat::MAIN, source, captcha: hash.as_deref(), deliver };
    let sent = captcha.sms.send(&request).await.map_err(failure)?;
    Ok(Answer::new(Reply { rand: sent.rand, title: backend.then_some(sent.code) }))
}

/// The statuses that all ways of asking for a code share.
pub(crate) fn failure(error: NotSent) -> Failure {
    match error {
        NotSent::Captcha => Status::ERROR_HASH.into(),
        NotSent::HalfMinute => ONE_IN_30_SECONDS.into(),
        NotSent::Hour => FIVE_IN_AN_HOUR.into(),
        NotSent::Day => TEN_IN_A_DAY.into(),
        NotSent::Source => TOO_MANY_FROM_SOURCE.into(),
        NotSent::Budget => BUDGET_USED_UP.into(),
        // Strangers name the phone: what is wrong with it is no fault that rings, or takes back a release.
        NotSent::Sms(error) if error.is_about_the_phone() => {
            tracing::warn!(%error, "a code was not sent");
            SERVICE_FAILED.into()
        }
        NotSent::Sms(error) => Failure::fault(SERVICE_FAILED, error),
        NotSent::Store(error) => fault(error),
    }
}

/// What the OpenAPI document says of it.
#[cfg(feature = "schema")]
pub(crate) fn describe() -> openapi::Operation {
    use openapi::{Key, Operation, closed};
    use serde_json::json;
    let summary = "Sends an SMS with a code of six digits, and replies with the salt of its hash. \
                   The hash is md5(code + rand) and lives for three minutes. Trusted backends also get the code as `title`.";
    let purpose = json!({ "minimum": 1, "maximum": 2, "default": 1, "examples": [1] });
    let captcha = "The hash of a solved captcha, where the deployment asks for one (RequireCaptchaForSms).";
    Operation::new("sms", "generate", summary)
        .takes([
            Key::text("phone", "Where the code goes.", closed::<Phone>()).malformed(BAD_PHONE).example("13900000007"),
            Key::optional_integer(
                "command_type",
                "What the code is for: 1 registering, 2 a forgotten password.",
                purpose,
            ),
            Key::lenient("hash", captcha, json!({ "examples": ["1d2c3b4a5968778695a4b3c2d1e0f002"] })),
        ])
        .replies::<Reply>()
        .fails([
            SERVICE_FAILED,
            TOO_MANY_FROM_SOURCE,
            BUDGET_USED_UP,
            ONE_IN_30_SECONDS,
            FIVE_IN_AN_HOUR,
            TEN_IN_A_DAY,
            Status::ERROR_HASH,
        ])
}
