use std::{collections::HashMap, convert::Infallible, net::SocketAddr, sync::Arc, time::Duration};

use codes::Codes;
use environment::{Clock, Environment, Random};
use hyper::{Request, body::Incoming, service::service_fn};
use tokio::net::TcpListener;

use crate::{
    Options, SmsService, StartError, Switch,
    aws::Aws,
    development::{Development, Listed},
    embedded::{Dynamodb, Moto, Outbox},
    functions::{Function, Functions},
    gateway::{Gateway, Reply, Router},
    lambda::{self, Lambda},
    permissions::Permissions,
    place::Place,
    provision::{physical_name, provision},
    schedule::Scheduler,
    server::{Server, Stop, serve},
    services::Services,
    template::Template,
    time::{AdvancingClock, LocalTime},
    websocket::WebSockets,
};

/// How often expired items are deleted.
const SWEEP: Duration = Duration::from_mins(1);

/// A running local stack. It stops when it is dropped; [`Stack::stop`] waits for that.
///
/// It runs on the Tokio runtime that it was started on, and embedded DynamoDB blocks while it works: a runtime of
/// several threads serves better.
pub struct Stack {
    address: SocketAddr,
    clock: Arc<AdvancingClock>,
    scheduler: Arc<Scheduler>,
    permissions: Arc<Permissions>,
    // Dropped from top to bottom: who asks stops before who answers.
    http: Server,
    timer: Server,
    sweeper: Option<Server>,
    services: Services,
    _place: Place,
}

impl Stack {
    /// Starts a stack, and returns when it serves.
    ///
    /// Fails with the name of the parameter when one is missing or malformed.
    pub async fn start(options: Options) -> Result<Self, StartError> {
        Self::start_and(options, |_| Ok(())).await
    }

    /// Starts a stack, and calls `ready` with its URL before the first scheduled run, which writes log lines.
    pub(crate) async fn start_and(
        options: Options,
        ready: impl FnOnce(&str) -> std::io::Result<()>,
    ) -> Result<Self, StartError> {
        let template = Template::embedded()?;
        let parameters = &options.parameters;
        let moto = Moto::of(parameters, &options.storage)?;
        let account = moto.as_ref().map(Moto::account);
        let variables = template
            .functions()
            .map(|(id, _)| Ok((id, template.variables(id, parameters, |id| physical_name(id, account))?)))
            .collect::<Result<HashMap<_, _>, StartError>>()?;
        let lambda = lambda::Settings::of(parameters)?;
        let address = SocketAddr::from(([127, 0, 0, 1], options.port));
        let listener = TcpListener::bind(address).await.map_err(|error| StartError::Listen(options.port, error))?;
        let address = listener.local_addr()?;

        let place = Place::open(&options.storage)?;
        let mut clock = AdvancingClock::open(place.file("clock"))?;
        let lambda = match lambda {
            Some(settings) => {
                let directory = std::path::absolute(place.directory("lambda")?)?;
                let log_level = parameters.get("LOG_LEVEL").cloned();
                Some(Arc::new(Lambda::start(settings, template, &directory, &mut clock, log_level).await?))
            }
            None => None,
        };
        let clock = Arc::new(clock);
        let offset =
            variables.values().flatten().find(|(name, _)| name == "UTC_OFFSET").map(|(_, value)| value.as_str());
        let time = LocalTime::new(clock.clock().clone(), offset.unwrap_or("+00:00"))
            .ok_or(StartError::Malformed("UTC_OFFSET", "must be an offset such as +08:00"))?;
        let outbox = Arc::new(match place.file("sms.jsonl") {
            Some(file) => Outbox::open(&file, time.clone())?,
            None => Outbox::in_memory(time.clone()),
        });

        let aws = Aws::of(parameters);
        let permissions = Arc::new(Permissions::new(template, aws.get("AWS_ACCESS_KEY_ID"), aws.region(), |id| {
            physical_name(id, account)
        })?);
        let services = Services::start(aws, &place, Arc::clone(&outbox), moto.as_ref(), &permissions)?;
        let environment = |variables: HashMap<String, String>| {
            Environment::new(variables.into_iter().collect(), clock.clock().clone(), Random::os())
        };
        let own = environment(services.aws.with(&[]))?;
        provision(template, &own.aws, services.aws.region(), account).await?;
        let functions = Functions::new(template, |id, binary| {
            let variables = services.aws.of_function(binary, &variables[id]);
            match &lambda {
                Some(lambda) => lambda.function(template, id, binary, &variables).map(Function::Binary),
                None => Function::mounted(binary, &environment(variables)?),
            }
        });
        let functions = Arc::new(functions?);

        let scheduler = Arc::new(Scheduler::new(
            template.schedules()?,
            Arc::clone(&functions),
            clock.clock().clone(),
            Random::os(),
        ));
        let routes = template.routes()?;
        let development = Arc::new(Development {
            outbox,
            clock: Arc::clone(&clock),
            time,
            scheduler: Arc::clone(&scheduler),
            codes: Codes::new(&environment(services.aws.with(&variables["CaptchaFunction"]))?)?,
            routes: Listed::all(&routes, |id| {
                template.functions().find(|(known, _)| *known == id).map(|(_, name)| name)
            }),
        });
        let front = Front {
            websockets: Arc::new(WebSockets::new(
                template.websocket()?,
                Arc::clone(&functions),
                clock.clock().clone(),
                Random::os(),
            )),
            gateway: Arc::new(Gateway {
                router: Router::new(&routes)?,
                cors: template.cors(parameters)?,
                functions,
                clock: clock.clock().clone(),
                random: Random::os(),
            }),
            development,
        };
        let http = Server::spawn(|stop| front.listen(listener, stop));
        ready(&url_of(address))?;
        // A new stack in memory has nothing that a crash could have left to do.
        let has_past = matches!(place, Place::Disk { .. }) || services.dynamodb.is_none();
        Ok(Self {
            address,
            clock,
            timer: Arc::clone(&scheduler).start(has_past),
            scheduler,
            permissions,
            http,
            sweeper: services.dynamodb.as_ref().filter(|_| has_past).and_then(Dynamodb::database).map(sweeper),
            services,
            _place: place,
        })
    }

    /// Where the API is served: `http://127.0.0.1:<port>`, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> String {
        url_of(self.address)
    }

    /// The clock of the stack and all of its functions, for reading. [`Self::advance`] moves it.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        self.clock.clock()
    }

    /// Moves the clock forward and runs the schedules, as `POST /_local/clock` does.
    ///
    /// Fails when the clock would be more than a hundred years ahead.
    pub async fn advance(&self, seconds: u64) -> std::io::Result<()> {
        self.clock.advance(seconds).ok_or_else(|| std::io::Error::other("too far ahead"))??;
        self.scheduler.run_all().await;
        Ok(())
    }

    /// The embedded DynamoDB or the way to moto's, unless another endpoint stands in its place.
    #[must_use]
    pub fn dynamodb(&self) -> Option<&Switch> {
        self.services.dynamodb.as_ref().map(|dynamodb| &dynamodb.switch)
    }

    /// Has the embedded DynamoDB carry out one of the next writes and close the connection instead of answering: 1 is the
    /// very next, 0 none. Whoever sent it cannot know whether it was carried out.
    ///
    /// Answers how many writes were missing to the one that was named before; 0 when its answer got lost.
    pub fn lose_answer_to_write(&self, which: u32) -> u32 {
        self.services.dynamodb.as_ref().map_or(which, |dynamodb| dynamodb.losses.expect(which))
    }

    /// The embedded S3 or the way to moto's, unless another endpoint stands in its place.
    #[must_use]
    pub fn s3(&self) -> Option<&Switch> {
        self.services.s3.as_ref()
    }

    /// The embedded SNS with its outbox, unless another endpoint stands in its place.
    #[must_use]
    pub fn sms(&self) -> Option<&SmsService> {
        self.services.sms.as_ref()
    }

    /// What the functions may do on the embedded servers, by the policies that deploy.
    #[must_use]
    pub fn permissions(&self) -> &Permissions {
        &self.permissions
    }

    /// Stops taking requests, answers those under way, and closes the data, so that another stack can open it.
    pub async fn stop(self) {
        self.http.stop().await;
        self.timer.stop().await;
        if let Some(sweeper) = self.sweeper {
            sweeper.stop().await;
        }
        self.services.stop().await;
    }
}

fn url_of(address: SocketAddr) -> String {
    format!("http://{address}")
}

/// All that answers on the one port.
#[derive(Clone)]
struct Front {
    development: Arc<Development>,
    websockets: Arc<WebSockets>,
    gateway: Arc<Gateway>,
}

impl Front {
    async fn listen(self, listener: TcpListener, stop: Stop) {
        let connect = |peer| {
            let front = self.clone();
            service_fn(move |request: Request<Incoming>| {
                let front = front.clone();
                async move { Ok::<_, Infallible>(front.answer(request, peer).await) }
            })
        };
        serve(listener, connect, stop).await;
        self.websockets.stop().await;
    }

    /// The development endpoints, the WebSocket API's address, and the gateway for everything else.
    async fn answer(&self, request: Request<Incoming>, peer: SocketAddr) -> Reply {
        let path = request.uri().path();
        if Development::serves(path) {
            self.development.answer(request).await
        } else if self.websockets.serves(path) {
            self.websockets.answer(request, peer).await
        } else {
            self.gateway.answer(request, peer).await
        }
    }
}

fn sweeper(database: dynoxide::Database) -> Server {
    Server::spawn(move |stop| async move {
        let mut stop = std::pin::pin!(stop.requested());
        loop {
            tokio::select! {
                () = tokio::time::sleep(SWEEP) => Dynamodb::sweep(database.clone()).await,
                () = &mut stop => return,
            }
        }
    })
}
