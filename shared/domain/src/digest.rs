use md5::{Digest, Md5};
use sha2::Sha256;

use crate::hex_id::is_hex;

/// The MD5 of `bytes` as 32 lower-case hex digits: what the wire calls `hash` and `pic_name`. No secret rests on it.
#[must_use]
pub fn md5_hex(bytes: impl AsRef<[u8]>) -> String {
    hex::encode(Md5::digest(bytes))
}

/// The SHA-256 of `bytes` as 64 lower-case hex digits.
#[must_use]
pub fn sha256_hex(bytes: impl AsRef<[u8]>) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// `md5(lowercase(code) + rand)`: how a caller proves that they read a captcha or an SMS.
#[must_use]
pub fn captcha_hash(code: &str, rand: &str) -> String {
    md5_hex(code.to_ascii_lowercase() + rand)
}

/// Whether `text` could be an MD5 as the wire writes it.
#[must_use]
pub fn is_md5_hex(text: &str) -> bool {
    is_hex(text, 32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_captcha_hash_is_that_of_the_contract() {
        assert_eq!(captcha_hash("AbC23", "CST43"), md5_hex("abc23CST43"));
        assert_eq!(md5_hex(""), "d41d8cd98f00b204e9800998ecf8427e");
    }

    #[test]
    fn only_32_lower_case_hex_digits_are_an_md5() {
        assert!(is_md5_hex("d41d8cd98f00b204e9800998ecf8427e"));
        for other in [
            "",
            "d41d8cd98f00b204e9800998ecf8427",
            "D41D8CD98F00B204E9800998ECF8427E",
            "z41d8cd98f00b204e9800998ecf8427e",
        ] {
            assert!(!is_md5_hex(other), "{other}");
        }
    }
}
