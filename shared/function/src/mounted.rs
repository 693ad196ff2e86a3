use std::{convert::Infallible, sync::Arc, time::Instant};

use environment::{Environment, RoundTrips, StartError};
use lambda_http::{Request, lambda_runtime::tower::ServiceExt, request::LambdaRequest};
use lambda_runtime::{Context, LambdaEvent, service_fn};
use serde_json::Value;

use crate::{Function, WebSocketEvent, event::Event, logging};

type BoxFuture<'a, T> = std::pin::Pin<Box<dyn Future<Output = T> + Send + 'a>>;
type Answer = Result<Value, lambda_runtime::Error>;

/// A function that is ready for events.
pub struct Mounted {
    invoke: Box<dyn Fn(LambdaEvent<Event>) -> BoxFuture<'static, Answer> + Send + Sync>,
}

/// Builds `F` and makes it ready for events.
pub fn mount<F: Function>(environment: &Environment) -> Result<Mounted, StartError> {
    let function = Arc::new(F::build(environment)?);
    Ok(Mounted {
        invoke: Box::new(move |invocation| {
            let function = Arc::clone(&function);
            Box::pin(async move {
                match invocation.payload {
                    Event::Http(request) => http(function, *request, invocation.context).await,
                    Event::WebSocket(event) => websocket(&*function, *event, &invocation.context).await,
                    Event::Scheduled => scheduled(&*function, &invocation.context).await,
                }
            })
        }),
    })
}

impl Mounted {
    /// Answers one event given as the JSON text that Lambda would hand to the function.
    pub async fn invoke(&self, event: &[u8], request_id: &str) -> Answer {
        let mut context = Context::default();
        request_id.clone_into(&mut context.request_id);
        self.answer(LambdaEvent::new(serde_json::from_slice(event)?, context)).await
    }

    pub(crate) async fn answer(&self, invocation: LambdaEvent<Event>) -> Answer {
        (self.invoke)(invocation).await
    }
}

async fn http<F: Function>(function: Arc<F>, request: LambdaRequest, context: Context) -> Answer {
    let request_id = context.request_id.clone();
    let adapter = lambda_http::Adapter::from(service_fn(move |request: Request| {
        let (function, request_id) = (Arc::clone(&function), request_id.clone());
        async move {
            let started = Instant::now();
            let trips = RoundTrips::default();
            let line = logging::Line::of(&request, &request_id);
            let response = trips.count(function.http(request)).await;
            line.write(&response, started.elapsed(), &trips);
            Ok::<_, Infallible>(response)
        }
    }));
    let Ok(response) = adapter.oneshot(LambdaEvent::new(request, context)).await;
    Ok(serde_json::to_value(response)?)
}

async fn websocket<F: Function>(function: &F, event: WebSocketEvent, context: &Context) -> Answer {
    let started = Instant::now();
    let trips = RoundTrips::default();
    let line = logging::Line::of_websocket(&event, &context.request_id);
    let reply = trips.count(function.websocket(event)).await;
    line.write_websocket(&reply, started.elapsed(), &trips);
    Ok(serde_json::to_value(reply)?)
}

async fn scheduled<F: Function>(function: &F, context: &Context) -> Answer {
    let started = Instant::now();
    let trips = RoundTrips::default();
    let outcome = trips.count(function.scheduled()).await;
    logging::scheduled(&context.request_id, outcome.is_ok(), started.elapsed(), &trips);
    outcome?;
    Ok(Value::Null)
}
