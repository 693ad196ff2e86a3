use std::sync::Arc;

use environment::{Environment, StartError};
use lambda_http::{
    Body, Request, Response, aws_lambda_events::apigw::ApiGatewayV2httpResponse, http::header, request::LambdaRequest,
};
use lambda_runtime::{Context, LambdaEvent};
use serde::Serialize;
use serde_json::Value;

use crate::{
    Function, WebSocketEvent, WebSocketReply,
    event::Event,
    observation::{Name, Observation, Route},
    preflight,
};

type BoxFuture<'a, T> = std::pin::Pin<Box<dyn Future<Output = T> + Send + 'a>>;
type Answer = Result<Reply, lambda_runtime::Error>;

/// What Lambda gets. Pictures are in it: it is written once, straight into the body for the Runtime API.
#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum Reply {
    Http(Box<ApiGatewayV2httpResponse>),
    WebSocket(WebSocketReply),
    Nothing,
}

/// A function that is ready for events.
pub struct Mounted {
    invoke: Box<dyn Fn(LambdaEvent<Event>) -> BoxFuture<'static, Answer> + Send + Sync>,
}

/// Builds `F` and makes it ready for events.
pub fn mount<F: Function>(environment: &Environment) -> Result<Mounted, StartError> {
    let function = Arc::new(F::build(environment)?);
    let (name, clock) = (Name::new(F::NAME, &environment.variables), environment.clock.clone());
    Ok(Mounted {
        invoke: Box::new(move |LambdaEvent { payload, context }| {
            let function = Arc::clone(&function);
            let observation = Observation::start(name.clone(), &clock, &context);
            Box::pin(async move {
                match payload {
                    Event::Http(request) => http(&*function, *request, &observation).await,
                    Event::WebSocket(event) => websocket(&*function, *event, &observation).await,
                    Event::Scheduled => scheduled(&*function, &observation).await,
                }
            })
        }),
    })
}

impl Mounted {
    /// Answers one event given as the JSON text that Lambda would hand to the function, as Lambda would read it.
    pub async fn invoke(&self, event: &[u8], request_id: &str) -> Result<Value, lambda_runtime::Error> {
        let mut context = Context::default();
        request_id.clone_into(&mut context.request_id);
        let reply = self.answer(LambdaEvent::new(serde_json::from_slice(event)?, context)).await?;
        Ok(serde_json::to_value(reply)?)
    }

    pub(crate) async fn answer(&self, invocation: LambdaEvent<Event>) -> Answer {
        (self.invoke)(invocation).await
    }
}

async fn http<F: Function>(function: &F, request: LambdaRequest, observation: &Observation) -> Answer {
    let request = Request::from(request);
    let route = Route::of(&request);
    let response = match preflight::answer(&request) {
        Some(response) => response,
        None => observation.of(function.http(request)).await,
    };
    observation.write_http(&route, &response);
    Ok(Reply::Http(Box::new(for_gateway(response))))
}

/// The response as API Gateway wants it.
///
/// `lambda_http`'s own way would find out by the content type whether a body is text, in whichever of the world's
/// encodings, and bring their tables along. Ours know it: they are UTF-8 or pictures.
fn for_gateway(response: Response<Body>) -> ApiGatewayV2httpResponse {
    let (mut parts, body) = response.into_parts();
    let cookies = parts.headers.get_all(header::SET_COOKIE).iter();
    let cookies = cookies.filter_map(|cookie| cookie.to_str().ok().map(str::to_owned)).collect();
    parts.headers.remove(header::SET_COOKIE);
    let mut answer = ApiGatewayV2httpResponse::default();
    answer.status_code = parts.status.as_u16().into();
    answer.headers = parts.headers;
    answer.is_base64_encoded = matches!(body, Body::Binary(_));
    answer.body = (!matches!(body, Body::Empty)).then_some(body);
    answer.cookies = cookies;
    answer
}

async fn websocket<F: Function>(function: &F, event: WebSocketEvent, observation: &Observation) -> Answer {
    let route = Route::of_websocket(&event);
    let reply = observation.of(function.websocket(event)).await;
    observation.write_websocket(&route, &reply);
    Ok(Reply::WebSocket(reply))
}

async fn scheduled<F: Function>(function: &F, observation: &Observation) -> Answer {
    let outcome = observation.of(function.scheduled()).await;
    observation.write_schedule(outcome.is_ok());
    outcome?;
    Ok(Reply::Nothing)
}
