use accounts::{Created, Gender, NewAccount, Password, Portrait};
use codes::{NotRedeemed, Registration};
use dialects::{
    form::Form,
    result::{OK, TOO_MANY_TRIES, UNKNOWN_ERROR, WRONG_CODE, reply},
};
use function::Body;
use lambda_http::{Request, Response};

use super::{failed, registration};
use crate::User;

const VERIFY: &str = "result/verify";
const REGISTER: &str = "result/register";

/// `POST /register`: with `register=1` makes the account, otherwise judges the code.
pub(crate) async fn register(user: &User, request: &Request) -> Response<Body> {
    let Some(form) = Form::of(request, "img").await else { return reply(REGISTER, UNKNOWN_ERROR, None) };
    if form.get("register").is_some() {
        let result = finish(user, request, &form).await.map_or_else(|result| result, |()| OK);
        reply(REGISTER, result, None)
    } else {
        let result = verify(user, request, &form).await.map_or_else(|result| result, |()| OK);
        reply(VERIFY, result, None)
    }
}

async fn verify(user: &User, request: &Request, form: &Form) -> Result<(), &'static str> {
    let (Some(handle), Some(code)) = (form.get("code_v"), form.get("code")) else { return Err(WRONG_CODE) };
    let registration = registration(user, request).await.map_err(|error| failed(VERIFY, error))?;
    let registration = registration.filter(|registration| registration.handle == handle).ok_or(WRONG_CODE)?;
    user.codes.verify_registration(&registration, code).await.map_err(|error| match error {
        NotRedeemed::Wrong | NotRedeemed::NonePending | NotRedeemed::Expired => WRONG_CODE,
        NotRedeemed::Void | NotRedeemed::TooManyTries => TOO_MANY_TRIES,
        NotRedeemed::Store(error) => failed(VERIFY, error),
    })
}

async fn finish(user: &User, request: &Request, form: &Form) -> Result<(), &'static str> {
    let registration = registration(user, request).await.map_err(|error| failed(REGISTER, error))?;
    let registration = registration.filter(|registration| registration.verified).ok_or(UNKNOWN_ERROR)?;
    if form.get("register") != Some("1") {
        return Err(UNKNOWN_ERROR);
    }
    let password = form.get("password").filter(|password| is_strong(password)).ok_or(UNKNOWN_ERROR)?;
    let password = Password::new(password).map_err(|_| UNKNOWN_ERROR)?;
    let gender = match form.get("gender") {
        None => None,
        Some("0") => Some(Gender::Female),
        Some("1") => Some(Gender::Male),
        Some(_) => return Err(UNKNOWN_ERROR),
    };
    let nickname = form.get("nickname");
    if !nickname.is_none_or(accounts::is_name) {
        return Err(UNKNOWN_ERROR);
    }
    let portrait = portrait(user, &registration, form.get("headImage")).await?;
    let new = NewAccount {
        phone: &registration.phone,
        password: &password,
        nickname: nickname.map(str::to_owned),
        gender,
        portrait: portrait.clone(),
    };
    let proof = user.codes.finish_registration_within(&registration).map_err(|error| failed(REGISTER, error))?;
    let created = user.accounts.create(new, &proof).await.map_err(|error| failed(REGISTER, error))?;
    // Whichever of the two copies is not the account's portrait now serves nobody.
    let unused = if created == Created::Done { registration.picture } else { portrait.map(|portrait| portrait.key) };
    if let Some(unused) = unused {
        let _ = user.pictures.delete(&unused).await;
    }
    if created == Created::Done { Ok(()) } else { Err(UNKNOWN_ERROR) }
}

/// The portrait that `head_image` asks for: it must be what was uploaded in this registration.
async fn portrait(
    user: &User,
    registration: &Registration,
    head_image: Option<&str>,
) -> Result<Option<Portrait>, &'static str> {
    let Some(head_image) = head_image else { return Ok(None) };
    let uploaded = registration.picture.as_deref().filter(|uploaded| *uploaded == head_image).ok_or(UNKNOWN_ERROR)?;
    let picture = user.pictures.get(uploaded).await.map_err(|error| failed(REGISTER, error))?.ok_or(UNKNOWN_ERROR)?;
    let picture = picture.into_picture();
    let portrait = Portrait { key: user.pictures.new_portrait_key(), md5: picture.md5() };
    user.pictures.put(&portrait.key, picture).await.map_err(|error| failed(REGISTER, error))?;
    Ok(Some(portrait))
}

/// At least eight characters, letters and digits among them.
fn is_strong(password: &str) -> bool {
    password.chars().count() >= 8
        && password.chars().any(|c| c.is_ascii_alphabetic())
        && password.chars().any(|c| c.is_ascii_digit())
}

/// What the OpenAPI document says of it.
#[cfg(feature = "schema")]
pub(crate) fn describe() -> openapi::Route {
    use dialects::result::{COOKIE, Message, schema};
    use serde_json::json;
    let says = [OK, WRONG_CODE, TOO_MANY_TRIES, UNKNOWN_ERROR].map(|result| (result, Message::None));
    let verify = json!({
        "title": "checking the code",
        "type": "object",
        "properties": {
            "code_v": { "type": "string", "description": "The `message` of `GET /register`, as it came." },
            "code": { "type": "string", "description": "The code that the SMS said." },
        },
        "required": ["code_v", "code"],
    });
    let finish = json!({
        "title": "the last step",
        "type": "object",
        "properties": {
            "register": { "const": "1" },
            "password": { "type": "string", "minLength": 8, "description": "Letters and digits among its characters." },
            "gender": { "enum": ["0", "1"], "description": "0 female, 1 male." },
            "nickname": { "type": "string", "maxLength": 20 },
            "headImage": { "type": "string", "description": "The `message` of `POST /upload`." },
        },
        "required": ["register", "password"],
    });
    let route =
        openapi::Route::new("POST /register", "Checks the code, or makes the account", openapi::json(&schema(&says)))
            .cookie(COOKIE, "The registration under way.", openapi::text("0123456789abcdef0123456789abcdee"));
    super::forms(route, &json!({ "anyOf": [verify, finish] }), &json!({ "register": "1", "password": "abcdefg1" }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_needs_eight_characters_with_letters_and_digits() {
        assert!(is_strong("abcdefg1"));
        for weak in ["abcdef1", "abcdefgh", "12345678", ""] {
            assert!(!is_strong(weak), "{weak}");
        }
    }
}
