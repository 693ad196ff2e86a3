use std::borrow::Cow;

use base64::{
    Engine, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use domain::md5_hex;

/// The largest picture, decoded: 4 MiB.
pub const MAX_BYTES: usize = 4 * 1024 * 1024;

/// Cameras are not agreed on whether base64 ends in `=`.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The kinds of pictures that are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MediaType {
    /// `image/jpeg`
    Jpeg,
    /// `image/png`
    Png,
    /// `image/gif`
    Gif,
    /// `image/webp`
    WebP,
}

impl MediaType {
    /// The type that the bytes themselves show, whatever anybody says of them.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Option<Self> {
        match infer::get(bytes)?.mime_type() {
            "image/jpeg" => Some(Self::Jpeg),
            "image/png" => Some(Self::Png),
            "image/gif" => Some(Self::Gif),
            "image/webp" => Some(Self::WebP),
            _ => None,
        }
    }

    /// As HTTP writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Gif => "image/gif",
            Self::WebP => "image/webp",
        }
    }
}

/// A JPEG, PNG, GIF or WebP of at most 4 MiB.
///
/// Only the signature is looked at: a damaged picture of a fall is worth more than none.
pub struct Picture {
    bytes: Vec<u8>,
    media_type: MediaType,
}

/// Not base64, not a picture, or too large.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it must be the base64 of a JPEG, PNG, GIF or WebP of at most 4 MiB")]
pub struct InvalidPicture;

impl Picture {
    /// Decodes base64, with or without a `data:image/…;base64,` in front.
    pub fn from_base64(text: &str) -> Result<Self, InvalidPicture> {
        let text = match text.strip_prefix("data:") {
            Some(url) => url.split_once(";base64,").ok_or(InvalidPicture)?.1,
            None => text,
        };
        // Some encoders break lines. Most do not, and what they sent is not copied.
        let text =
            if text.contains(['\r', '\n']) { Cow::Owned(text.replace(['\r', '\n'], "")) } else { Cow::Borrowed(text) };
        // Refused before it is decoded: what is too large is not worth the memory.
        if text.len() > MAX_BYTES.div_ceil(3) * 4 {
            return Err(InvalidPicture);
        }
        Self::from_bytes(BASE64.decode(text.as_bytes()).map_err(|_| InvalidPicture)?)
    }

    /// Takes the bytes as they are.
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, InvalidPicture> {
        if bytes.len() > MAX_BYTES {
            return Err(InvalidPicture);
        }
        let media_type = MediaType::of(&bytes).ok_or(InvalidPicture)?;
        Ok(Self { bytes, media_type })
    }

    /// The MD5 of the bytes, 32 hex digits.
    #[must_use]
    pub fn md5(&self) -> String {
        md5_hex(&self.bytes)
    }

    pub(crate) fn from_parts(bytes: Vec<u8>, media_type: MediaType) -> Self {
        Self { bytes, media_type }
    }

    pub(crate) fn into_parts(self) -> (Vec<u8>, MediaType) {
        (self.bytes, self.media_type)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";

    fn encoded(bytes: &[u8]) -> String {
        base64::engine::general_purpose::STANDARD.encode(bytes)
    }

    #[test]
    fn the_content_tells_the_type() {
        for (bytes, media_type) in [
            (PNG, MediaType::Png),
            (b"\xff\xd8\xff\xe0\0\x10JFIF", MediaType::Jpeg),
            (b"GIF89a\x01\0\x01\0\0\0\0", MediaType::Gif),
            (b"RIFF\x10\0\0\0WEBPVP8 ", MediaType::WebP),
        ] {
            assert_eq!(Picture::from_bytes(bytes.to_vec()).map(|picture| picture.media_type), Ok(media_type));
        }
    }

    #[test]
    fn a_data_url_missing_padding_and_line_breaks_make_no_difference() {
        let plain = encoded(PNG);
        let broken = format!("{}\r\n{}\n", &plain[..8], &plain[8..]);
        for text in [format!("data:image/jpg;base64,{plain}"), plain.trim_end_matches('=').to_owned(), broken, plain] {
            assert_eq!(Picture::from_base64(&text).map(|picture| picture.bytes), Ok(PNG.to_vec()));
        }
    }

    #[test]
    fn what_is_no_picture_is_refused_whatever_it_claims_to_be() {
        for text in [
            String::new(),
            "not base64!".to_owned(),
            "data:image/png;base64,".to_owned(),
            format!("data:image/png;base64,{}", encoded(b"<svg xmlns='http://www.w3.org/2000/svg'/>")),
            format!("data:image/png;base64,{}", encoded(b"<html><script>alert(1)</script>")),
            encoded(b"plain text"),
        ] {
            assert_eq!(Picture::from_base64(&text).map(|_| ()), Err(InvalidPicture), "{text}");
        }
    }

    #[test]
    fn four_mebibytes_are_the_limit() {
        let mut bytes = PNG.to_vec();
        bytes.resize(MAX_BYTES, 0);
        assert!(Picture::from_base64(&encoded(&bytes)).is_ok());
        bytes.push(0);
        assert!(Picture::from_base64(&encoded(&bytes)).is_err());
    }
}
