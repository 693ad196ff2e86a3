use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    convert::Infallible,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use environment::Random;
use http_body_util::{BodyExt, Full, Limited};
use hyper::{
    HeaderMap, Request, Response, StatusCode, body::Incoming, header, http::request::Parts, service::service_fn,
};

use super::{Moto, Outbox, Sms, Switch};
use crate::{
    StartError,
    permissions::{Denied, Need, Permissions},
    server::serve,
    uuid,
};

const BODY_LIMIT: usize = 256 * 1024;

/// The header in which the SDK names a call: the same however often it is sent.
const INVOCATION: &str = "amz-sdk-invocation-id";

/// The embedded SNS: it knows `Publish` to a phone, and keeps what was sent in the outbox. With moto's behind it, what moto
/// accepted.
pub struct SmsService {
    switch: Switch,
    shared: Arc<Shared>,
}

struct Shared {
    outbox: Arc<Outbox>,
    random: Random,
    permissions: Arc<Permissions>,
    moto: Option<Moto>,
    fail_next: AtomicU32,
    fail_all: AtomicBool,
    hang: AtomicBool,
    /// The calls whose messages are in the outbox.
    kept: Mutex<HashSet<String>>,
}

/// An error's code and message.
type Fault = (&'static str, &'static str);

/// What is to be sent to whom.
struct Publish<'a> {
    action: &'a str,
    phone_number: &'a str,
    message: &'a str,
}

impl SmsService {
    pub(crate) fn start(
        outbox: Arc<Outbox>,
        random: Random,
        permissions: Arc<Permissions>,
        moto: Option<Moto>,
    ) -> Result<Self, StartError> {
        let shared = Arc::new(Shared {
            outbox,
            random,
            permissions,
            moto,
            fail_next: AtomicU32::new(0),
            fail_all: AtomicBool::new(false),
            hang: AtomicBool::new(false),
            kept: Mutex::default(),
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

    /// Where the server is: `http://127.0.0.1:<port>`, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> String {
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
        let Ok(body) = Limited::new(body, BODY_LIMIT).collect().await else {
            return xml(StatusCode::BAD_REQUEST, fault("InvalidParameter", "the body cannot be read", &request_id));
        };
        let body = body.to_bytes();
        let form: Form<'_> = form_urlencoded::parse(&body).collect();
        if let Err(denied) = self.check(&parts.headers, &form) {
            return refusal(&denied, &request_id);
        }
        let invocation = parts.headers.get(INVOCATION).and_then(|id| id.to_str().ok().map(str::to_owned));
        let answer = match &self.moto {
            None => self.call(&form, &request_id, invocation).map(|body| xml(StatusCode::OK, body)),
            Some(moto) => self.call_moto(moto, &form, parts, body.clone(), invocation).await,
        };
        answer.unwrap_or_else(|(code, message)| xml(StatusCode::BAD_REQUEST, fault(code, message, &request_id)))
    }

    /// Whether the caller's policy allows the call.
    fn check(&self, headers: &HeaderMap, form: &Form<'_>) -> Result<(), Denied> {
        self.permissions.caller(headers).and_then(|caller| self.permissions.check(caller, &[need(form)]))
    }

    /// Answers one call of the AWS query protocol.
    fn call(&self, form: &Form<'_>, request_id: &str, invocation: Option<String>) -> Result<String, Fault> {
        let publish = Publish::of(form);
        if publish.action != "Publish" {
            return Err(("InvalidAction", "the embedded SNS knows Publish only"));
        }
        if !is_e164(publish.phone_number) {
            return Err(("InvalidParameter", "Invalid parameter: PhoneNumber"));
        }
        if publish.message.is_empty() {
            return Err(("InvalidParameter", "Invalid parameter: Empty message"));
        }
        self.allow()?;
        self.keep(&publish, invocation)?;
        Ok(format!(
            "<PublishResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><PublishResult><MessageId>{}\
             </MessageId></PublishResult><ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata>\
             </PublishResponse>",
            uuid(&self.random)
        ))
    }

    /// Has moto answer the call.
    async fn call_moto(
        &self,
        moto: &Moto,
        form: &Form<'_>,
        parts: Parts,
        body: Bytes,
        invocation: Option<String>,
    ) -> Result<Response<Full<Bytes>>, Fault> {
        self.allow()?;
        let answer = moto.pass_on(parts, body).await;
        if answer.status().is_success() {
            self.keep(&Publish::of(form), invocation)?;
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

    /// Keeps a message, once for each `invocation`. SNS sends another where the SDK asks again because the first answer was
    /// late; here the answer is only ever late when the whole machine stood still, and that is nothing to test.
    fn keep(&self, publish: &Publish<'_>, invocation: Option<String>) -> Result<(), Fault> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if invocation.as_ref().is_some_and(|id| kept.contains(id)) {
            return Ok(());
        }
        self.outbox.send(publish.phone_number, publish.message).map_err(|error| {
            tracing::error!(%error, "the outbox cannot be written");
            ("InternalError", "the outbox cannot be written")
        })?;
        kept.extend(invocation);
        Ok(())
    }
}

impl<'a> Publish<'a> {
    fn of(form: &'a Form<'_>) -> Self {
        let field = |name: &str| form.get(name).map(AsRef::as_ref).unwrap_or_default();
        Self { action: field("Action"), phone_number: field("PhoneNumber"), message: field("Message") }
    }
}

fn xml(status: StatusCode, body: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static("text/xml"));
    response
}

fn refusal(denied: &Denied, request_id: &str) -> Response<Full<Bytes>> {
    let (code, message) = match denied {
        Denied::UnknownKey => ("InvalidClientTokenId", "The security token included in the request is invalid."),
        Denied::NotAllowed(message) => ("AuthorizationError", message.as_str()),
    };
    xml(StatusCode::FORBIDDEN, fault(code, message, request_id))
}

/// The parameters of a call.
type Form<'a> = HashMap<Cow<'a, str>, Cow<'a, str>>;

/// What IAM wants to be allowed for a call: publishing to a phone is on that phone, to anything else on its ARN.
fn need(form: &Form<'_>) -> Need {
    let field = |name: &str| form.get(name).map(AsRef::as_ref);
    let resource = field("TopicArn").or(field("TargetArn")).or(field("PhoneNumber"));
    Need::new(format!("sns:{}", field("Action").unwrap_or_default()), resource.unwrap_or("*"))
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
    use crate::{template::Template, time::LocalTime};

    fn service() -> Shared {
        let time = LocalTime::new(Clock::system(), "+08:00").unwrap();
        Shared {
            outbox: Arc::new(Outbox::in_memory(time)),
            random: Random::os(),
            permissions: Arc::new(
                Permissions::new(Template::embedded().unwrap(), "local", "r", str::to_owned).unwrap(),
            ),
            moto: None,
            fail_next: AtomicU32::new(0),
            fail_all: AtomicBool::new(false),
            hang: AtomicBool::new(false),
            kept: Mutex::default(),
        }
    }

    fn call(service: &Shared, body: &[u8]) -> Result<String, (&'static str, &'static str)> {
        service.call(&form_urlencoded::parse(body).collect(), "id", None)
    }

    const PUBLISH: &[u8] = b"Action=Publish&Version=2010-03-31&PhoneNumber=%2B8613900000000&Message=code+1%E4%BD%A0";

    #[test]
    fn a_published_message_is_in_the_outbox_without_the_country_code() {
        let service = service();
        assert!(call(&service, PUBLISH).unwrap().contains("<MessageId>"));
        let messages = service.outbox.messages();
        assert_eq!((messages[0].phone.as_str(), messages[0].message.as_str()), ("13900000000", "code 1你"));
    }

    #[test]
    fn a_call_that_is_sent_again_sends_no_second_message() {
        let service = service();
        for (invocation, messages) in [("a", 1), ("a", 1), ("b", 2)] {
            let form = form_urlencoded::parse(PUBLISH).collect();
            assert!(service.call(&form, "id", Some(invocation.to_owned())).is_ok());
            assert_eq!(service.outbox.messages().len(), messages);
        }
    }

    #[test]
    fn a_number_that_is_not_international_is_refused() {
        let body = b"Action=Publish&PhoneNumber=13900000000&Message=x";
        assert_eq!(call(&service(), body).unwrap_err().0, "InvalidParameter");
    }

    #[test]
    fn as_many_messages_fail_as_a_test_asked_for() {
        let service = service();
        service.fail_next.store(2, Ordering::Relaxed);
        let outcomes: Vec<_> = (0..3).map(|_| call(&service, PUBLISH).is_ok()).collect();
        assert_eq!(outcomes, [false, false, true]);
    }
}
