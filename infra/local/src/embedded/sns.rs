use std::{
    collections::HashMap,
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use environment::Random;
use http_body_util::{BodyExt, Full, Limited};
use hyper::{Request, Response, StatusCode, body::Incoming, header, http::request::Parts, service::service_fn};

use super::{Moto, Outbox, Sms, Switch};
use crate::{StartError, server::serve, uuid};

const BODY_LIMIT: usize = 256 * 1024;

/// The embedded SNS: it knows `Publish` to a phone, and keeps what was sent in the outbox. With moto's behind it, what moto
/// accepted.
pub struct SmsService {
    switch: Switch,
    shared: Arc<Shared>,
}

struct Shared {
    outbox: Arc<Outbox>,
    random: Random,
    moto: Option<Moto>,
    fail_next: AtomicU32,
    fail_all: AtomicBool,
    hang: AtomicBool,
}

/// An error's code and message.
type Fault = (&'static str, &'static str);

/// What is to be sent to whom.
struct Publish {
    action: String,
    phone_number: String,
    message: String,
}

impl SmsService {
    pub(crate) fn start(outbox: Arc<Outbox>, random: Random, moto: Option<Moto>) -> Result<Self, StartError> {
        let shared = Arc::new(Shared {
            outbox,
            random,
            moto,
            fail_next: AtomicU32::new(0),
            fail_all: AtomicBool::new(false),
            hang: AtomicBool::new(false),
        });
        let served = Arc::clone(&shared);
        let switch = Switch::start(move |listener, stop| {
            let shared = Arc::clone(&served);
            let connect = move |_| {
                let shared = Arc::clone(&shared);
                service_fn(move |request: Request<Incoming>| {
                    let shared = Arc::clone(&shared);
                    async move { Ok::<_, Infallible>(shared.answer(request).await) }
                })
            };
            serve(listener, connect, stop)
        })?;
        Ok(Self { switch, shared })
    }

    pub(crate) fn url(&self) -> String {
        self.switch.url()
    }

    pub(crate) async fn stop(self) {
        self.switch.stop().await;
    }

    /// What was sent, newest first.
    #[must_use]
    pub fn messages(&self) -> Vec<Sms> {
        self.shared.outbox.messages()
    }

    /// Refuses the next `count` messages, with an error that the SDK does not retry: each is one message that fails.
    pub fn fail_next(&self, count: u32) {
        self.shared.fail_next.store(count, Ordering::Relaxed);
    }

    /// Refuses every message, or no longer.
    pub fn fail_all(&self, fail: bool) {
        self.shared.fail_all.store(fail, Ordering::Relaxed);
    }

    /// Leaves every request without an answer, or no longer. Those that hang then get one.
    pub fn hang(&self, hang: bool) {
        self.shared.hang.store(hang, Ordering::Relaxed);
    }

    /// Takes the server away or gives it back, as [`Switch::set_available`] does.
    pub async fn set_available(&self, available: bool) -> std::io::Result<()> {
        self.switch.set_available(available).await
    }
}

impl Shared {
    async fn answer(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        while self.hang.load(Ordering::Relaxed) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let request_id = uuid(&self.random);
        let (parts, body) = request.into_parts();
        let answer = match (Limited::new(body, BODY_LIMIT).collect().await, &self.moto) {
            (Ok(body), None) => self.call(&body.to_bytes(), &request_id),
            (Ok(body), Some(moto)) => match self.call_moto(moto, parts, body.to_bytes()).await {
                Ok(answer) => return answer,
                Err(fault) => Err(fault),
            },
            (Err(_), _) => Err(("InvalidParameter", "the body cannot be read")),
        };
        let (status, xml) = match answer {
            Ok(xml) => (StatusCode::OK, xml),
            Err((code, message)) => (StatusCode::BAD_REQUEST, fault(code, message, &request_id)),
        };
        let mut response = Response::new(Full::new(Bytes::from(xml)));
        *response.status_mut() = status;
        response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static("text/xml"));
        response
    }

    /// Answers one call of the AWS query protocol.
    fn call(&self, body: &[u8], request_id: &str) -> Result<String, Fault> {
        let publish = Publish::parse(body);
        if publish.action != "Publish" {
            return Err(("InvalidAction", "the embedded SNS knows Publish only"));
        }
        if !is_e164(&publish.phone_number) {
            return Err(("InvalidParameter", "Invalid parameter: PhoneNumber"));
        }
        if publish.message.is_empty() {
            return Err(("InvalidParameter", "Invalid parameter: Empty message"));
        }
        self.allow()?;
        self.keep(&publish)?;
        Ok(format!(
            "<PublishResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><PublishResult><MessageId>{}\
             </MessageId></PublishResult><ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata>\
             </PublishResponse>",
            uuid(&self.random)
        ))
    }

    /// Has moto answer the call.
    async fn call_moto(&self, moto: &Moto, parts: Parts, body: Bytes) -> Result<Response<Full<Bytes>>, Fault> {
        self.allow()?;
        let answer = moto.pass_on(parts, body.clone()).await;
        if answer.status().is_success() {
            self.keep(&Publish::parse(&body))?;
        }
        Ok(answer)
    }

    /// Refuses the message if a test wants that.
    fn allow(&self) -> Result<(), Fault> {
        let one_less = |left: u32| left.checked_sub(1);
        if self.fail_all.load(Ordering::Relaxed)
            || self.fail_next.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less).is_ok()
        {
            return Err(("AuthorizationError", "refused on request of a test"));
        }
        Ok(())
    }

    fn keep(&self, publish: &Publish) -> Result<(), Fault> {
        self.outbox.send(&publish.phone_number, &publish.message).map_err(|error| {
            tracing::error!(%error, "the outbox cannot be written");
            ("InternalError", "the outbox cannot be written")
        })
    }
}

impl Publish {
    fn parse(body: &[u8]) -> Self {
        let mut form: HashMap<_, _> = form_urlencoded::parse(body).into_owned().collect();
        let mut field = |name: &str| form.remove(name).unwrap_or_default();
        Self { action: field("Action"), phone_number: field("PhoneNumber"), message: field("Message") }
    }
}

fn fault(code: &str, message: &str, request_id: &str) -> String {
    format!(
        "<ErrorResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><Error><Type>Sender</Type><Code>{code}</Code>\
         <Message>{message}</Message></Error><RequestId>{request_id}</RequestId></ErrorResponse>"
    )
}

/// Whether `number` is a phone number in international form.
fn is_e164(number: &str) -> bool {
    number.strip_prefix('+').is_some_and(|digits| {
        (2..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0')
    })
}

#[cfg(test)]
mod tests {
    use environment::Clock;

    use super::*;
    use crate::time::LocalTime;

    fn service() -> Shared {
        let time = LocalTime::new(Clock::system(), "+08:00").unwrap();
        Shared {
            outbox: Arc::new(Outbox::in_memory(time)),
            random: Random::os(),
            moto: None,
            fail_next: AtomicU32::new(0),
            fail_all: AtomicBool::new(false),
            hang: AtomicBool::new(false),
        }
    }

    const PUBLISH: &[u8] = b"Action=Publish&Version=2010-03-31&PhoneNumber=%2B8613900000000&Message=code+1%E4%BD%A0";

    #[test]
    fn a_published_message_is_in_the_outbox_without_the_country_code() {
        let service = service();
        assert!(service.call(PUBLISH, "id").unwrap().contains("<MessageId>"));
        let messages = service.outbox.messages();
        assert_eq!((messages[0].phone.as_str(), messages[0].message.as_str()), ("13900000000", "code 1你"));
    }

    #[test]
    fn a_number_that_is_not_international_is_refused() {
        let body = b"Action=Publish&PhoneNumber=13900000000&Message=x";
        assert_eq!(service().call(body, "id").unwrap_err().0, "InvalidParameter");
    }

    #[test]
    fn as_many_messages_fail_as_a_test_asked_for() {
        let service = service();
        service.fail_next.store(2, Ordering::Relaxed);
        let outcomes: Vec<_> = (0..3).map(|_| service.call(PUBLISH, "id").is_ok()).collect();
        assert_eq!(outcomes, [false, false, true]);
    }
}
