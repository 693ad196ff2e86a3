use domain::Phone;
use envelope::{Failure, Status};
use function::Body;
use lambda_http::{
    Request, Response,
    http::{HeaderValue, Uri, header},
};

use crate::User;

/// A picture that is served when there is no portrait to serve.
struct StandIn {
    bytes: &'static [u8],
    etag: &'static str,
}

/// The address is not a number.
const ERROR: StandIn = StandIn { bytes: include_bytes!("portraits/error.png"), etag: "\"error\"" };
/// Nobody has this number, or they have no portrait.
const DEFAULT: StandIn = StandIn { bytes: include_bytes!("portraits/default.png"), etag: "\"default\"" };
/// Another site embeds our pictures.
const BAN: StandIn = StandIn { bytes: include_bytes!("portraits/ban.png"), etag: "\"ban\"" };

/// How often a portrait that was replaced while it was read is looked for.
const ROUNDS: usize = 8;

/// `GET portrait`: always an image, so that it can stand in an `<img>`; 304 when the browser has it already.
pub(crate) async fn run(user: &User, request: &Request) -> Response<Body> {
    if !may_embed(request, &user.allowed_referers) {
        return stand_in(request, &BAN);
    }
    let user_id = function::path_parameter(request, "user_id");
    if user_id.is_empty() || !user_id.bytes().all(|byte| byte.is_ascii_digit()) {
        return stand_in(request, &ERROR);
    }
    match user_id.parse::<Phone>() {
        Ok(phone) => portrait(user, request, &phone).await.unwrap_or_else(|failure| {
            function::log_fault("portrait/get", &failure);
            stand_in(request, &DEFAULT)
        }),
        Err(_) => stand_in(request, &DEFAULT),
    }
}

async fn portrait(user: &User, request: &Request, phone: &Phone) -> Result<Response<Body>, Failure> {
    let mut missed = None;
    for _ in 0..ROUNDS {
        let Some(portrait) = user.accounts.find(phone).await?.and_then(|account| account.portrait) else { break };
        // It was not replaced: it is gone.
        if missed.is_some_and(|missed| missed == portrait.key) {
            break;
        }
        let etag = HeaderValue::from_str(&format!("\"{}\"", portrait.md5))
            .map_err(|error| Failure::fault(Status::UNKNOWN_ERROR, error))?;
        if has(request, &etag) {
            return Ok(with_etag(function::not_modified(), etag));
        }
        // None: it was replaced between the two reads, and the account names the new one by now.
        if let Some(picture) = user.pictures.get(&portrait.key).await? {
            return Ok(with_etag(function::image(picture.bytes, picture.media_type.as_str()), etag));
        }
        missed = Some(portrait.key);
    }
    Ok(stand_in(request, &DEFAULT))
}

fn stand_in(request: &Request, picture: &StandIn) -> Response<Body> {
    let etag = HeaderValue::from_static(picture.etag);
    if has(request, &etag) {
        return with_etag(function::not_modified(), etag);
    }
    with_etag(function::image(picture.bytes.to_vec(), "image/png"), etag)
}

/// Portraits change, and what a referer may see differs: a cache must ask each time, which an `ETag` makes cheap.
fn with_etag(mut response: Response<Body>, etag: HeaderValue) -> Response<Body> {
    response.headers_mut().insert(header::ETAG, etag);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("Referer"));
    response
}

/// `If-None-Match`, by the weak comparison that HTTP prescribes for it.
fn has(request: &Request, etag: &HeaderValue) -> bool {
    function::header(request, &header::IF_NONE_MATCH).is_some_and(|known| {
        known.split(',').map(|known| known.trim().trim_start_matches("W/")).any(|known| known == "*" || *etag == *known)
    })
}

/// No `Referer` may embed; otherwise its host must be `localhost` or a configured one.
fn may_embed(request: &Request, allowed: &[String]) -> bool {
    let Some(referer) = request.headers().get(header::REFERER).filter(|referer| !referer.is_empty()) else {
        return true;
    };
    let host = referer.to_str().ok().and_then(|referer| referer.parse::<Uri>().ok());
    host.as_ref().and_then(Uri::host).is_some_and(|host| {
        host.eq_ignore_ascii_case("localhost") || allowed.iter().any(|allowed| allowed.eq_ignore_ascii_case(host))
    })
}

/// What the OpenAPI document says of it, for each of its two addresses.
#[cfg(feature = "schema")]
pub(crate) fn describe(key: &'static str) -> openapi::Route {
    use openapi::{Response, Route, binary, text};
    use pictures::MediaType;
    let types = [MediaType::Jpeg, MediaType::Png, MediaType::Gif, MediaType::WebP].map(MediaType::as_str);
    let headers =
        |response: Response| response.header("ETag", "").header("Cache-Control", "no-cache").header("Vary", "Referer");
    Route::new(key, "A portrait", headers(binary("The portrait, or a picture that stands for it.", &types)))
        .describe(
            "Always a picture, so that it can stand in an `<img>`: one of ours where the address is not a number, where there \
             is no portrait, and for pages of other sites.",
        )
        .path("user_id", "Whose portrait: the account's phone.", text("13900000001"))
        .header("If-None-Match", "The ETag of a picture that the client has.", text("\"default\""))
        .header("Referer", "The page that embeds the portrait: of `localhost` or a host among AllowedReferers.", text("http://localhost/"))
        .or(headers(Response::empty("304", "The client has this picture.")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(referer: Option<&str>) -> Request {
        let mut request = Request::default();
        if let Some(referer) = referer {
            request.headers_mut().insert(header::REFERER, HeaderValue::from_bytes(referer.as_bytes()).unwrap());
        }
        request
    }

    #[test]
    fn only_known_hosts_and_visitors_without_a_referer_may_embed() {
        let allowed = ["www.example.org".to_owned()];
        for good in [
            None,
            Some(""),
            Some("http://localhost"),
            Some("http://localhost:5173/a?b"),
            Some("https://WWW.example.org/x"),
        ] {
            assert!(may_embed(&request(good), &allowed), "{good:?}");
        }
        for bad in [
            "https://elsewhere.example",
            "http://localhost.elsewhere.example/",
            "https://example.org",
            "not a url",
            "http://localhost@elsewhere.example/",
            "\u{ff}",
        ] {
            assert!(!may_embed(&request(Some(bad)), &allowed), "{bad}");
        }
    }

    #[test]
    fn conditional_requests_compare_weakly() {
        let etag = HeaderValue::from_static("\"a\"");
        for (known, expected) in
            [("\"a\"", true), ("W/\"a\"", true), ("\"b\", \"a\"", true), ("*", true), ("\"b\"", false)]
        {
            let mut request = Request::default();
            request.headers_mut().insert(header::IF_NONE_MATCH, HeaderValue::from_static(known));
            assert_eq!(has(&request, &etag), expected, "{known}");
        }
    }
}
