use std::{convert::Infallible, sync::Arc};

use environment::{Environment, StartError};
use lambda_http::{Request, lambda_runtime::tower::ServiceExt, request::LambdaRequest};
use lambda_runtime::{Context, LambdaEvent, service_fn};
use serde_json::Value;

use crate::{
    Function, WebSocketEvent,
    event::Event,
    observation::{Name, Observation, Route},
    preflight,
};

type BoxFuture<'a, T> = std::pin::Pin<Box<dyn Future<Output = T> + Send + 'a>>;
type Answer = Result<Value, lambda_runtime::Error>;

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
                    Event::Http(request) => http(function, *request, context, observation).await,
                    Event::WebSocket(event) => websocket(&*function, *event, &observation).await,
                    Event::Scheduled => scheduled(&*function, &observation).await,
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

async fn http<F: Function>(
    function: Arc<F>,
    request: LambdaRequest,
    context: Context,
    observation: Observation,
) -> Answer {
    let observation = Arc::new(observation);
    let adapter = lambda_http::Adapter::from(service_fn(move |request: Request| {
        let (function, observation) = (Arc::clone(&function), Arc::clone(&observation));
        async move {
            let route = Route::of(&request);
            let response = match preflight::answer(&request) {
                Some(response) => response,
                None => observation.of(function.http(request)).await,
            };
            observation.write_http(&route, &response);
            Ok::<_, Infallible>(response)
        }
    }));
    let Ok(response) = adapter.oneshot(LambdaEvent::new(request, context)).await;
    Ok(serde_json::to_value(response)?)
}

async fn websocket<F: Function>(function: &F, event: WebSocketEvent, observation: &Observation) -> Answer {
    let route = Route::of_websocket(&event);
    let reply = observation.of(function.websocket(event)).await;
    observation.write_websocket(&route, &reply);
    Ok(serde_json::to_value(reply)?)
}

async fn scheduled<F: Function>(function: &F, observation: &Observation) -> Answer {
    let outcome = observation.of(function.scheduled()).await;
    observation.write_schedule(outcome.is_ok());
    outcome?;
    Ok(Value::Null)
}
