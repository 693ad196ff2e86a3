//! The functions: in this process, or as the binaries that deploy.

use std::{collections::HashMap, sync::Arc};

use admin_function::Admin;
use captcha_function::Captcha;
use device_function::Device;
use environment::{Environment, Random};
use function::{Function as _, Mounted, mount};
use notice_function::Notice;
use serde_json::Value;
use token_function::Token;
use user_function::User;

use crate::{StartError, lambda::Binary, template::Template, uuid};

/// Every function of the template by its logical id.
pub(crate) struct Functions(HashMap<String, Function>);

/// One function, ready for events.
pub(crate) enum Function {
    /// Its library, in this process.
    Mounted(Mounted),
    /// Its binary, in processes of its own.
    Binary(Binary),
}

impl Functions {
    /// Makes each function ready with what `make` makes of its logical id and the name of its binary.
    pub(crate) fn new(
        template: &Template,
        make: impl Fn(&str, &str) -> Result<Function, StartError>,
    ) -> Result<Self, StartError> {
        let functions = template.functions().map(|(id, binary)| Ok((id.to_owned(), make(id, binary)?)));
        functions.collect::<Result<_, _>>().map(Self)
    }

    /// Has the function `id` answer an event. What it has begun to work on is finished even when whoever waits for the
    /// answer goes away, as on Lambda. An error is for the log.
    pub(crate) async fn invoke(self: Arc<Self>, id: String, event: Vec<u8>) -> Result<Value, String> {
        let invocation = tokio::spawn(async move {
            match self.0.get(&id) {
                Some(Function::Mounted(mounted)) => {
                    // An id of the invocation's own, as on Lambda, and not the one that API Gateway has for the request.
                    mounted.invoke(&event, &uuid(&Random::os())).await.map_err(|error| error.to_string())
                }
                Some(Function::Binary(binary)) => binary.invoke(event).await,
                None => Err("there is no such function".to_owned()),
            }
        });
        invocation.await.unwrap_or_else(|_| Err("the function panicked".to_owned()))
    }
}

impl Function {
    /// The function of this binary, mounted as the binary runs it.
    pub(crate) fn mounted(binary: &str, environment: &Environment) -> Result<Self, StartError> {
        let mounted = by_binary(binary, environment);
        Ok(Self::Mounted(mounted.ok_or_else(|| StartError::UnknownBinary(binary.to_owned()))??))
    }
}

/// The one list of functions: the name of the binary that deploys, and the function in it.
fn by_binary(binary: &str, environment: &Environment) -> Option<Result<Mounted, environment::StartError>> {
    Some(match binary {
        Admin::NAME => mount::<Admin>(environment),
        Captcha::NAME => mount::<Captcha>(environment),
        Device::NAME => mount::<Device>(environment),
        Notice::NAME => mount::<Notice>(environment),
        Token::NAME => mount::<Token>(environment),
        User::NAME => mount::<User>(environment),
        _ => return None,
    })
}
