//! Cookies that scripts cannot read and other sites cannot send along.

use cookie::{Cookie, SameSite, time::Duration};
use lambda_http::{
    Body, Request, Response,
    http::{HeaderName, HeaderValue, header},
};

/// The value of the cookie `name`.
#[must_use]
pub fn get<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    // Other cookies of the host may hold any bytes.
    let cookies = request.headers().get(header::COOKIE)?.as_bytes().split(|byte| *byte == b';');
    let mut values = cookies.filter_map(|cookie| cookie.trim_ascii().strip_prefix(name.as_bytes())?.strip_prefix(b"="));
    std::str::from_utf8(values.next()?).ok()
}

/// Gives the browser a cookie for `seconds`; for as long as it runs, without them.
pub fn set(request: &Request, response: &mut Response<Body>, name: &str, value: &str, seconds: Option<i64>) {
    // A cookie that is marked secure would be lost on a laptop, where there is no TLS.
    let secure = function::header(request, &HeaderName::from_static("x-forwarded-proto")) == Some("https");
    let mut cookie =
        Cookie::build((name, value)).path("/").http_only(true).same_site(SameSite::Lax).secure(secure).build();
    if let Some(seconds) = seconds {
        cookie.set_max_age(Duration::seconds(seconds));
    }
    if let Ok(cookie) = HeaderValue::from_str(&cookie.to_string()) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_found_among_others() {
        let mut request = Request::default();
        request.headers_mut().insert(header::COOKIE, HeaderValue::from_static("a=1; session=abc; b=2"));
        assert_eq!(get(&request, "session"), Some("abc"));
        assert_eq!(get(&request, "ession"), None);
        assert_eq!(get(&request, "sess"), None);
    }

    #[test]
    fn another_cookie_may_hold_any_bytes() {
        for cookies in ["nick=张三; session=abc", "session=abc; nick=张三"] {
            let mut request = Request::default();
            request.headers_mut().insert(header::COOKIE, HeaderValue::from_bytes(cookies.as_bytes()).unwrap());
            assert_eq!(get(&request, "session"), Some("abc"));
        }
    }

    #[test]
    fn a_cookie_is_kept_from_scripts_and_from_other_sites() {
        let mut response = Response::default();
        set(&Request::default(), &mut response, "session", "abc", Some(600));
        let cookie = response.headers()[header::SET_COOKIE].to_str().unwrap();
        assert_eq!(cookie, "session=abc; HttpOnly; SameSite=Lax; Path=/; Max-Age=600");
    }
}
