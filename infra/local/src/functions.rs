//! The functions, mounted as their Lambda binaries run them.

use std::{collections::HashMap, sync::Arc};

use admin_function::Admin;
use captcha_function::Captcha;
use device_function::Device;
use environment::Environment;
use function::{Function, Mounted, mount};
use notice_function::Notice;
use serde_json::Value;
use token_function::Token;
use user_function::User;

use crate::{StartError, template::Template};

/// Every function of the template by its logical id.
pub(crate) struct Functions(HashMap<String, Mounted>);

impl Functions {
    /// Mounts each function with the environment that `environment` makes for its logical id and binary.
    pub(crate) fn mount(
        template: &Template,
        environment: impl Fn(&str, &str) -> Result<Environment, StartError>,
    ) -> Result<Self, StartError> {
        let functions = template.functions().map(|(id, binary)| {
            let mounted = by_binary(binary, &environment(id, binary)?);
            Ok((id.to_owned(), mounted.ok_or_else(|| StartError::UnknownBinary(binary.to_owned()))??))
        });
        functions.collect::<Result<_, _>>().map(Self)
    }

    /// The function with this logical id.
    pub(crate) fn get(&self, id: &str) -> Option<&Mounted> {
        self.0.get(id)
    }

    /// Has the function `id` answer an event. What it has begun to work on is finished even when whoever waits for the
    /// answer goes away, as on Lambda. An error is for the log.
    pub(crate) async fn invoke(
        self: Arc<Self>,
        id: String,
        event: Vec<u8>,
        request_id: String,
    ) -> Result<Value, String> {
        let invocation = tokio::spawn(async move {
            let mounted = self.get(&id).ok_or_else(|| "the function is not mounted".to_owned())?;
            mounted.invoke(&event, &request_id).await.map_err(|error| error.to_string())
        });
        invocation.await.unwrap_or_else(|_| Err("the function panicked".to_owned()))
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
