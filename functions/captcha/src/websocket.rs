//! Captchas over WebSocket, for trusted backends (seed 001).

use std::collections::HashMap;

use codes::{CodeFormat, Purpose, SendRequest};
use domain::Phone;
use envelope::{Failure, Status};
use function::{WebSocketEvent, WebSocketReply};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::{Captcha, fault, sms_generate};

const NO_SUCH_PHONE: Status = Status::new(1000, "手机号不存在");

/// Success is the string "0" here, and failures are integers.
#[derive(Serialize)]
#[serde(untagged)]
enum WireStatus {
    Success(&'static str),
    Failure(i64),
}

#[derive(Serialize)]
struct Reply<'a> {
    /// Exactly as it was sent, whatever it was.
    id: &'a RawValue,
    status: WireStatus,
    errmsg: &'static str,
    data: Data,
}

#[derive(Default, Serialize)]
struct Data {
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    addr: Option<String>,
}

type Object<'a> = HashMap<String, &'a RawValue>;

/// `$connect`: only who shows the key, in the header or the address, gets a connection.
pub(crate) fn connect(captcha: &Captcha, event: &WebSocketEvent) -> WebSocketReply {
    let keys = &captcha.backend_keys;
    if keys.contain(event.header("x-api-key")) || keys.contain(event.argument("key")) {
        WebSocketReply::accepted()
    } else {
        WebSocketReply::refused()
    }
}

/// `$default`: a message. Whatever it is, it is answered and the connection stays open.
pub(crate) async fn message(captcha: &Captcha, event: &WebSocketEvent) -> WebSocketReply {
    const OPERATION: &str = "websocket/captcha";
    let message = event.text().and_then(|text| serde_json::from_str::<Object<'_>>(text).ok());
    let outcome = match &message {
        Some(message) => answer(captcha, message, event.source_address()).await,
        None => Err(Status::ERROR_JSON_KEY.into()),
    };
    let id = message.as_ref().and_then(|message| message.get("id").copied()).unwrap_or(RawValue::NULL);
    let (status, wire_status, errmsg, data) = match outcome {
        Ok(data) => (0, WireStatus::Success("0"), Status::SUCCESSFUL.message, data),
        Err(failure) => {
            function::log_fault(OPERATION, &failure);
            let Status { code, message } = failure.status();
            (code, WireStatus::Failure(code), message, Data::default())
        }
    };
    let body = serde_json::to_string(&Reply { id, status: wire_status, errmsg, data }).unwrap_or_default();
    WebSocketReply::message(OPERATION, status, body)
}

async fn answer(captcha: &Captcha, message: &Object<'_>, source: &str) -> Result<Data, Failure> {
    let (r#type, subtype) = (text(message, "type")?, text(message, "subtype")?);
    let data = message.get("data").ok_or(Status::ERROR_JSON_KEY)?;
    let data: Object<'_> = serde_json::from_str(data.get()).map_err(|_| Status::ERROR_JSON_VALUE)?;
    if r#type != "captcha" || text(&data, "action")? != "generate" {
        return Err(Status::ERROR_JSON_VALUE.into());
    }
    match subtype.as_str() {
        "img" => image(captcha).await,
        "sms" => {
            let phone = data.get("phone").ok_or(Status::ERROR_JSON_KEY)?;
            let phone: Phone = serde_json::from_str(phone.get()).map_err(|_| NO_SUCH_PHONE)?;
            sms(captcha, &phone, source).await
        }
        _ => Err(Status::ERROR_JSON_VALUE.into()),
    }
}

async fn image(captcha: &Captcha) -> Result<Data, Failure> {
    let (code, picture) = captcha.draw()?;
    let file = captcha.sms.codes().issue_captcha_file(&code, picture.png()).await.map_err(fault)?;
    Ok(Data { title: Some(code), addr: Some(file.addr) })
}

async fn sms(captcha: &Captcha, phone: &Phone, source: &str) -> Result<Data, Failure> {
    let (purpose, format) = (Purpose::Backend, CodeFormat::FOUR_DIGITS);
    let request = SendRequest { phone, purpose, format, source, captcha: None, deliver: true };
    let sent = captcha.sms.send(&request).await.map_err(sms_generate::failure)?;
    Ok(Data { title: Some(sent.code), addr: None })
}

fn text(object: &Object<'_>, key: &str) -> Result<String, Status> {
    let value = object.get(key).ok_or(Status::ERROR_JSON_KEY)?;
    serde_json::from_str(value.get()).map_err(|_| Status::ERROR_JSON_VALUE)
}
